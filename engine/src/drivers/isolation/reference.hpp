// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/isolation/message.hpp"

namespace brig::isolation {

void write_reference(MessageWriter& writer, const brig_ref& ref);

/// What an operation is about, as it was read; good as long as the message is.
class ReferenceStorage {
  public:
    explicit ReferenceStorage(MessageReader& reader);

    [[nodiscard]] const brig_ref& get() const noexcept { return ref_; }

  private:
    MapStorage options_;
    MapStorage prior_;
    brig_ref ref_{};
};

}  // namespace brig::isolation
