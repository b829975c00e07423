// SPDX-License-Identifier: BSD-2-Clause
// brig-fetch PARENT OFFSET URL: writes what is at the URL, from OFFSET on if the server can do
// that, to standard output, until it is done or the process PARENT, which has started it, ends.
// What it says meanwhile is listed in images/archive/status.hpp; its facts are `start`, where the
// content begins, and `total`, its size with what is before, if it is known.
//
// A program of its own, as nobody: it resolves names, speaks TLS and parses what strangers send.
#include "images/archive/status.hpp"
#include "support/check.hpp"
#include "support/end_with_parent.hpp"
#include "support/helper_process.hpp"
#include "support/read_write.hpp"

#include <curl/curl.h>
#include <grp.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace {

using brig::Error;
using brig::ErrorCode;
using brig::archive::Status;

constexpr uid_t kNobody = 65534;  // on Debian as on FreeBSD
constexpr int kUsage = 2;
constexpr long kMostRedirections = 5;
constexpr long kSecondsToConnect = 30;
constexpr long kSecondsOfSilence = 60;

void become_nobody() {
    if (::geteuid() == 0) {
        brig::check(::setgroups(0, nullptr), "give up groups");
        brig::check(::setgid(kNobody), "become nobody's group");
        brig::check(::setuid(kNobody), "become nobody");
    }
}

struct CurlCloser {
    void operator()(CURL* curl) const noexcept { ::curl_easy_cleanup(curl); }
};

template <typename Value>
void set(CURL* curl, CURLoption option, Value value) {
    if (const CURLcode code = ::curl_easy_setopt(curl, option, value); code != CURLE_OK) {
        throw Error{ErrorCode::internal, ::curl_easy_strerror(code)};
    }
}

class Fetch {
  public:
    Fetch(std::string url, unsigned long long offset, Status& status)
        : url_{std::move(url)}, offset_{offset}, status_{status}, curl_{::curl_easy_init()} {
        if (!curl_) {
            throw Error{ErrorCode::internal, "libcurl cannot be started"};
        }
        choose_protocols();
        choose_limits();
        set(curl_.get(), CURLOPT_URL, url_.c_str());
        set(curl_.get(), CURLOPT_ERRORBUFFER, message_.data());
        set(curl_.get(), CURLOPT_WRITEFUNCTION, &Fetch::take);
        set(curl_.get(), CURLOPT_WRITEDATA, this);
        if (offset_ > 0) {
            range_ = std::to_string(offset_) + "-";
            set(curl_.get(), CURLOPT_RANGE, range_.c_str());
        }
    }

    void run() {
        CURLcode code = ::curl_easy_perform(curl_.get());
        constexpr long kNothingThere = 416;
        if (code == CURLE_HTTP_RETURNED_ERROR && offset_ > 0 && response() == kNothingThere) {
            // What we have is no beginning of what is there now.
            offset_ = 0;
            set<const char*>(curl_.get(), CURLOPT_RANGE, nullptr);
            code = ::curl_easy_perform(curl_.get());
        }
        if (failure_ != nullptr) {
            std::rethrow_exception(failure_);
        }
        if (code != CURLE_OK) {
            throw_failure(code);
        }
        if (!begun_) {
            begin();
        }
    }

  private:
    /// https stays https, however often a server sends us elsewhere; nothing ever leads to a file.
    void choose_protocols() {
        const bool plain = url_.starts_with("http://");
        set(curl_.get(), CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https");
        set(curl_.get(), CURLOPT_REDIR_PROTOCOLS_STR, plain ? "http,https" : "https");
        set(curl_.get(), CURLOPT_FOLLOWLOCATION, 1L);
        set(curl_.get(), CURLOPT_MAXREDIRS, kMostRedirections);
        set(curl_.get(), CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
        set(curl_.get(), CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (const char* file = std::getenv("SSL_CERT_FILE"); file != nullptr) {
            set(curl_.get(), CURLOPT_CAINFO, file);
        }
    }

    void choose_limits() {
        set(curl_.get(), CURLOPT_FAILONERROR, 1L);
        set(curl_.get(), CURLOPT_NOSIGNAL, 1L);
        set(curl_.get(), CURLOPT_CONNECTTIMEOUT, kSecondsToConnect);
        set(curl_.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(curl_.get(), CURLOPT_LOW_SPEED_TIME, kSecondsOfSilence);
        set(curl_.get(), CURLOPT_USERAGENT, "brig");
    }

    /// libcurl is C: no exception may pass through it.
    static std::size_t take(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
        auto& fetch = *static_cast<Fetch*>(self);
        try {
            if (!fetch.begun_) {
                fetch.begin();
            }
            brig::write_text(STDOUT_FILENO, {bytes, size * count}, "what arrived");
            fetch.status_.count_bytes(size * count);
            return size * count;
        } catch (...) {
            fetch.failure_ = std::current_exception();
            return 0;
        }
    }

    [[nodiscard]] long response() const {
        long code = 0;
        ::curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &code);
        return code;
    }

    void begin() {
        begun_ = true;
        const unsigned long long start = response() == 206 ? offset_ : 0;
        curl_off_t length = -1;
        ::curl_easy_getinfo(curl_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        if (length >= 0) {
            status_.fact("total", std::to_string(start + static_cast<unsigned long long>(length)));
        }
        status_.fact("start", std::to_string(start));
    }

    [[noreturn]] void throw_failure(CURLcode code) const {
        const std::string_view said{message_.data()};
        const std::string reason{said.empty() ? ::curl_easy_strerror(code) : said};
        const bool broken = begun_;
        const bool untrusted =
            code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
        throw Error{ErrorCode::system, reason}.with_hint(
            broken      ? "the same command goes on where this one stopped"
            : untrusted ? "its certificate must be of an authority that this machine trusts"
                        : "check the URL, this machine's network and its proxy settings");
    }

    std::string url_;
    unsigned long long offset_;
    Status& status_;
    std::unique_ptr<CURL, CurlCloser> curl_;
    std::string range_;
    std::array<char, CURL_ERROR_SIZE> message_{};
    bool begun_ = false;
    std::exception_ptr failure_;
};

int run(Status& status, pid_t parent, unsigned long long offset, const char* url) noexcept {
    try {
        become_nobody();
        brig::end_with_parent(parent);
        ::curl_global_init(CURL_GLOBAL_DEFAULT);
        Fetch{url, offset, status}.run();
        status.done();
        return EXIT_SUCCESS;
    } catch (const Error& error) {
        status.error(error);
    } catch (const std::exception& error) {
        status.error(Error{ErrorCode::internal, error.what()});
    }
    return EXIT_FAILURE;
}

template <typename Number>
Number to_number(std::string_view text) {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

int main(int argc, char** argv) {
    const pid_t parent = argc == 4 ? to_number<pid_t>(argv[1]) : 0;
    if (parent <= 0) {
        static_cast<void>(std::fputs("brig-fetch: brig starts this program, with a URL\n", stderr));
        return kUsage;
    }
    ::closefrom(brig::kHelperStatusFd + 1);
    Status status{brig::kHelperStatusFd};
    return run(status, parent, to_number<unsigned long long>(argv[2]), argv[3]);
}
