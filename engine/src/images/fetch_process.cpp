// SPDX-License-Identifier: BSD-2-Clause
#include "images/fetch_process.hpp"

#include "images/helper_report.hpp"
#include "support/check.hpp"
#include "support/helper_process.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <vector>

namespace brig {
namespace {

constexpr int kFetchTickMs = 100;
constexpr std::size_t kBlock = std::size_t{64} * 1024;

/// What brig-fetch may know of our environment: libcurl reads the proxies, and the certificates may
/// be elsewhere.
std::vector<std::string> proxy_environment() {
    std::vector<std::string> variables;
    for (const char* name : {"http_proxy",
                             "https_proxy",
                             "HTTPS_PROXY",
                             "all_proxy",
                             "ALL_PROXY",
                             "no_proxy",
                             "NO_PROXY",
                             "SSL_CERT_FILE"}) {
        if (const char* value = std::getenv(name); value != nullptr) {
            variables.push_back(std::string{name} + "=" + value);
        }
    }
    return variables;
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? std::optional{value} : std::nullopt;
}

/// One run of brig-fetch. It says where the content begins before it sends any.
class Fetching {
  public:
    Fetching(const FetchRequest& request, const FetchSink& sink)
        : sink_{sink},
          status_{make_pipe_above_standard()},
          data_{make_pipe_above_standard()},
          process_{request.libexec / "brig-fetch",
                   {std::to_string(::getpid()), std::to_string(request.offset), request.url},
                   {.out = data_.write.get(), .status = status_.write.get()},
                   proxy_environment()} {
        status_.write.reset();
        data_.write.reset();
    }

    void run(const ProgressSink& progress) {
        while (status_.read || data_.read) {
            wait();
            if (progress && !progress({0, done_, total_})) {
                throw Error{ErrorCode::interrupted, "the download was cancelled"};
            }
        }
        process_.wait();
        throw_failure();
    }

  private:
    void wait() {
        std::array<pollfd, 2> polled{pollfd{status_.read.get(), POLLIN, 0},
                                     pollfd{data_.read.get(), POLLIN, 0}};
        if (::poll(polled.data(), polled.size(), kFetchTickMs) < 0) {
            if (errno != EINTR) {
                throw_system_error(errno, "wait for brig-fetch");
            }
            return;
        }
        if (polled[0].revents != 0) {
            read_status();
        }
        if (polled[1].revents != 0) {
            read_data();
        }
    }

    /// Nothing at the end, and the descriptor is closed.
    static std::string read(UniqueFd& fd) {
        std::string block(kBlock, '\0');
        ssize_t size = -1;
        do {
            size = ::read(fd.get(), block.data(), block.size());
        } while (size < 0 && errno == EINTR);
        block.resize(static_cast<std::size_t>(check(size, "read from brig-fetch")));
        if (block.empty()) {
            fd.reset();
        }
        return block;
    }

    void read_status() { report_.feed(read(status_.read)); }

    void read_data() {
        const std::string block = read(data_.read);
        if (block.empty()) {
            return;
        }
        if (!begun_) {
            begin();
        }
        sink_.take(block);
        done_ += block.size();
    }

    void begin() {
        while (report_.fact("start").empty() && status_.read) {
            read_status();
        }
        const auto start = whole_number(report_.fact("start"));
        if (!start) {
            throw Error{ErrorCode::internal, "brig-fetch does not say where the content begins"};
        }
        begun_ = true;
        done_ = *start;
        total_ = whole_number(report_.fact("total")).value_or(0);
        sink_.begin(*start);
    }

    void throw_failure() const {
        if (const auto& failure = report_.failure()) {
            const std::error_code cause{failure->error_number, std::generic_category()};
            throw Error{ErrorCode::system, failure->message, cause}.with_hint(failure->hint);
        }
        if (!report_.done()) {
            throw Error{ErrorCode::internal,
                        "brig-fetch ended before it was done"
                            + (report_.output().empty() ? "" : ": " + report_.output())};
        }
    }

    const FetchSink& sink_;
    Pipe status_;
    Pipe data_;
    HelperReport report_;
    bool begun_ = false;
    std::uint64_t done_ = 0;
    std::uint64_t total_ = 0;
    HelperProcess process_;
};

}  // namespace

void fetch(const FetchRequest& request, const FetchSink& sink, const ProgressSink& progress) {
    Fetching{request, sink}.run(progress);
}

}  // namespace brig
