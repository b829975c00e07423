// SPDX-License-Identifier: BSD-2-Clause
#include "shared_block.hpp"

#include "support/check.hpp"
#include "support/text.hpp"

#include <sys/mman.h>

#include <cstring>

namespace brig::conformance {

SharedBlock::SharedBlock() {
    void* memory =
        ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        throw_system_error(errno, "map the memory of a test");
    }
    memory_ = static_cast<Memory*>(memory);  // zeroes are a good beginning for all of it
}

SharedBlock::~SharedBlock() {
    ::munmap(memory_, sizeof(Memory));
}

void SharedBlock::add_trace(std::string_view line) {
    const std::size_t size = line.size() + 1;
    const std::size_t at = memory_->trace_size.fetch_add(size);
    if (at + size > kRoom) {
        memory_->trace_size.fetch_sub(size);
        return;
    }
    std::memcpy(&memory_->trace[at], line.data(), line.size());
    memory_->trace[at + line.size()] = '\n';
}

void SharedBlock::clear_trace() {
    memory_->trace_size = 0;
}

std::vector<std::string> SharedBlock::trace() const {
    const std::size_t size = std::min(memory_->trace_size.load(), kRoom);
    std::vector<std::string> lines = split({memory_->trace.data(), size}, '\n');
    lines.pop_back();  // what is behind the last newline
    return lines;
}

void SharedBlock::put(Slot slot, std::string_view text) {
    Text& place = memory_->texts[static_cast<std::size_t>(slot)];
    if (text.size() > kRoom) {
        throw Error{ErrorCode::internal, "a test keeps more than there is room for"};
    }
    const unsigned next = 1 - place.current.load();
    std::memcpy(place.bytes[next].data(), text.data(), text.size());
    place.sizes[next] = text.size();
    place.current = next;
}

std::string SharedBlock::get(Slot slot) const {
    const Text& place = memory_->texts[static_cast<std::size_t>(slot)];
    const unsigned current = place.current.load();
    return {place.bytes[current].data(), place.sizes[current]};
}

}  // namespace brig::conformance
