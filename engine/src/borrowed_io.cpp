// SPDX-License-Identifier: BSD-2-Clause
#include "borrowed_io.hpp"

#include <sys/stat.h>

namespace brig {

BorrowedIo::BorrowedIo(const SessionIo& io)
    : places_{look_at(io.in), look_at(io.out), look_at(io.err)} {}

SessionIo BorrowedIo::still_open() const {
    return {still_open(places_[0]), still_open(places_[1]), still_open(places_[2])};
}

BorrowedIo::Place BorrowedIo::look_at(int fd) {
    struct stat status {};
    if (fd < 0 || ::fstat(fd, &status) != 0) {
        return {};
    }
    return {fd, status.st_dev, status.st_ino};
}

int BorrowedIo::still_open(const Place& place) {
    const Place now = look_at(place.fd);
    return now.device == place.device && now.inode == place.inode ? now.fd : -1;
}

}  // namespace brig
