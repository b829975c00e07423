// SPDX-License-Identifier: BSD-2-Clause
#include "shared_object.hpp"

#include "kit.hpp"
#include "support/check.hpp"

#include <elf.h>

#include <cstring>
#include <string_view>

namespace brig::conformance {

namespace {

/// The bytes of a file, read within their bounds.
class Image {
  public:
    explicit Image(const std::filesystem::path& file)
        : name_{file.string()}, bytes_{read_file(file)} {}

    template <typename Record>
    [[nodiscard]] Record at(std::size_t offset) const {
        Record record{};
        if (offset + sizeof record > bytes_.size()) {
            throw Error{ErrorCode::bad_driver, "'" + name_ + "' ends in the middle"};
        }
        std::memcpy(&record, bytes_.data() + offset, sizeof record);
        return record;
    }

    [[nodiscard]] std::string text(std::size_t offset) const {
        return offset < bytes_.size() ? bytes_.c_str() + offset : "";
    }

    [[nodiscard]] std::vector<Elf64_Shdr> sections() const {
        const auto header = at<Elf64_Ehdr>(0);
        std::vector<Elf64_Shdr> sections;
        for (std::size_t i = 0; i < header.e_shnum; ++i) {
            sections.push_back(at<Elf64_Shdr>(header.e_shoff + i * sizeof(Elf64_Shdr)));
        }
        return sections;
    }

  private:
    std::string name_;
    std::string bytes_;
};

void read_symbols(const Image& image,
                  const Elf64_Shdr& table,
                  std::size_t texts,
                  SharedObject& object) {
    for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
        const auto symbol = image.at<Elf64_Sym>(table.sh_offset + at);
        const unsigned binding = ELF64_ST_BIND(symbol.st_info);
        const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
        const bool is_exported = symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS
                                 && binding != STB_LOCAL && visibility == STV_DEFAULT;
        if (is_exported) {
            object.exported.push_back(image.text(texts + symbol.st_name));
        }
    }
}

void read_dynamic(const Image& image,
                  const Elf64_Shdr& table,
                  std::size_t texts,
                  SharedObject& object) {
    for (std::size_t at = 0; at + sizeof(Elf64_Dyn) <= table.sh_size; at += sizeof(Elf64_Dyn)) {
        const auto entry = image.at<Elf64_Dyn>(table.sh_offset + at);
        if (entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH) {
            object.has_search_path = true;
        } else if (entry.d_tag == DT_NEEDED) {
            object.needed.push_back(image.text(texts + entry.d_un.d_val));
        }
    }
}

}  // namespace

SharedObject read_shared_object(const std::filesystem::path& file) {
    const Image image{file};
    const std::vector<Elf64_Shdr> sections = image.sections();
    SharedObject object;
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_link >= sections.size()) {
            continue;
        }
        const std::size_t texts = sections[section.sh_link].sh_offset;
        if (section.sh_type == SHT_DYNSYM) {
            read_symbols(image, section, texts, object);
        } else if (section.sh_type == SHT_DYNAMIC) {
            read_dynamic(image, section, texts, object);
        }
    }
    return object;
}

}  // namespace brig::conformance
