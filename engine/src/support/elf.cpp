// SPDX-License-Identifier: BSD-2-Clause
#include "support/elf.hpp"

#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <vector>

namespace brig {

namespace {

static_assert(sizeof(void*) == 8, "brig runs on 64-bit machines");

#if defined(__x86_64__)
constexpr unsigned kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr unsigned kMachine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr unsigned kMachine = EM_PPC64;
#else
#error "add the ELF machine number of this architecture"
#endif

std::string machine_name(unsigned machine) {
    switch (machine) {
        case EM_X86_64:
            return "x86-64";
        case EM_AARCH64:
            return "AArch64";
        case EM_RISCV:
            return "RISC-V";
        case EM_PPC64:
            return "PowerPC 64";
        case EM_386:
            return "i386";
        case EM_ARM:
            return "ARM";
        default:
            return fmt::format("ELF machine {}", machine);
    }
}

/// Reads `size` bytes at `offset`; false when the file ends before.
bool read_at(int fd, void* to, std::size_t size, off_t offset) {
    return check(::pread(fd, to, size, offset), "read a driver's ELF header")
           == static_cast<ssize_t>(size);
}

std::optional<std::string> header_defect(const Elf64_Ehdr& header) {
    if (std::memcmp(&header.e_ident[EI_MAG0], ELFMAG, SELFMAG) != 0) {
        return "is not a shared object (no ELF file)";
    }
    const unsigned other = header.e_machine;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || other != kMachine) {
        return fmt::format("is for another architecture ({}{}; this is {})",
                           machine_name(other),
                           header.e_ident[EI_CLASS] == ELFCLASS64 ? "" : ", 32 bits",
                           machine_name(kMachine));
    }
    if (header.e_type != ET_DYN || header.e_phentsize != sizeof(Elf64_Phdr)) {
        return "is an ELF file but not a shared object";
    }
    return std::nullopt;
}

/// The size that the file must have for all that is loaded from it.
std::optional<std::uint64_t> needed_size(int fd, const Elf64_Ehdr& header) {
    std::vector<Elf64_Phdr> segments(header.e_phnum);
    if (!read_at(fd,
                 segments.data(),
                 segments.size() * sizeof(Elf64_Phdr),
                 static_cast<off_t>(header.e_phoff))) {
        return std::nullopt;
    }
    std::uint64_t needed = header.e_shoff + std::uint64_t{header.e_shnum} * header.e_shentsize;
    for (const Elf64_Phdr& segment : segments) {
        if (segment.p_filesz != 0) {
            needed = std::max<std::uint64_t>(needed, segment.p_offset + segment.p_filesz);
        }
    }
    return needed;
}

}  // namespace

std::optional<std::string> shared_object_defect(const std::filesystem::path& file) {
    const UniqueFd fd{
        check(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK), "open '{}'", file.native())};
    struct stat status {};
    check(::fstat(fd.get(), &status), "look at '{}'", file.native());
    if (!S_ISREG(status.st_mode)) {
        return "is not a file";
    }
    Elf64_Ehdr header{};
    if (!read_at(fd.get(), &header, sizeof header, 0)) {
        return status.st_size == 0 ? "is empty" : "is not a shared object (too short)";
    }
    if (auto defect = header_defect(header)) {
        return defect;
    }
    const auto needed = needed_size(fd.get(), header);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (!needed || *needed > size) {
        return fmt::format("is truncated: {} of {} bytes are there",
                           size,
                           needed ? std::to_string(*needed) : "more");
    }
    return std::nullopt;
}

}  // namespace brig
