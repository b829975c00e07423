// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/jail_param_list.hpp"

#include "host/jail_error.hpp"

#include <sys/sysctl.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <system_error>

namespace brig::freebsd {

namespace {

struct Free {
    void operator()(char* text) const noexcept { std::free(text); }
};

/// What jailparam_free(3) frees.
char* copy_of(const std::string& text) {
    char* const copy = ::strdup(text.c_str());
    if (copy == nullptr) {
        throw std::bad_alloc{};
    }
    return copy;
}

}  // namespace

void throw_jail_error() {
    throw_jail_error(jail_error_code(errno));
}

void throw_jail_error(ErrorCode code) {
    const std::error_code cause{errno, std::generic_category()};
    throw Error{code, static_cast<const char*>(jail_errmsg), cause};
}

JailParamList::~JailParamList() {
    ::jailparam_free(params_.data(), static_cast<unsigned>(params_.size()));
}

void JailParamList::add_wanted(const std::string& name) {
    jailparam param{};
    if (::jailparam_init(&param, name.c_str()) < 0) {
        throw_jail_error(ErrorCode::invalid_config);
    }
    params_.push_back(param);
}

void JailParamList::add(const std::string& name, const std::string& text) {
    add_wanted(name);
    if (::jailparam_import(&params_.back(), text.c_str()) < 0) {
        throw_jail_error(ErrorCode::invalid_config);
    }
}

void JailParamList::add_key(const std::string& name, const std::optional<std::string>& value) {
    jailparam& param = params_.emplace_back();
    param.jp_name = copy_of(name);
    param.jp_ctltype = CTLTYPE_INT;  // what is taken away has no value, not even an empty text
    if (value) {
        param.jp_ctltype = CTLTYPE_STRING;
        param.jp_value = copy_of(*value);
        param.jp_valuelen = value->size() + 1;
    }
}

void JailParamList::add_descriptor(int& descriptor) {
    jailparam param{};
    param.jp_name = copy_of("desc");
    param.jp_ctltype = CTLTYPE_INT;
    ::jailparam_import_raw(&param, &descriptor, sizeof descriptor);
    params_.push_back(param);
}

int JailParamList::set(int flags) {
    return ::jailparam_set(params_.data(), static_cast<unsigned>(params_.size()), flags);
}

int JailParamList::get(int flags) {
    return ::jailparam_get(params_.data(), static_cast<unsigned>(params_.size()), flags);
}

std::string JailParamList::text(std::size_t index) {
    const std::unique_ptr<char, Free> value{::jailparam_export(&params_.at(index))};
    if (value == nullptr) {
        throw_jail_error();
    }
    return value.get();
}

}  // namespace brig::freebsd
