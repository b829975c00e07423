// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/description.hpp"

#include "drivers/isolation/protocol.hpp"

#include <utility>

namespace brig::isolation {

namespace {

constexpr std::int64_t kMostOptions = 1000;

std::int64_t operations_of(const DriverTables& tables) {
    std::int64_t operations = 0;
    for_each_operation(tables, [&](auto id, auto operation) {
        operations |= operation == nullptr ? 0 : bit_of(id);
    });
    return operations;
}

void write_facts(MessageWriter& writer, const brig_driver& driver) {
    writer.number(driver.hdr.minor)
        .number(driver.kind)
        .number(driver.thread_model)
        .number(static_cast<std::int64_t>(driver.caps))
        .number(driver.state_version)
        .number(driver.min_minor);
    for (const char* fact : {driver.name,
                             driver.version,
                             driver.vendor,
                             driver.license,
                             driver.summary,
                             driver.url,
                             driver.platforms,
                             driver.needs,
                             driver.params}) {
        writer.text(fact);
    }
}

void write_options(MessageWriter& writer, const brig_driver& driver) {
    writer.number(static_cast<std::int64_t>(driver.n_options));
    for (std::size_t i = 0; i < driver.n_options; ++i) {
        const brig_option& option = driver.options[i];
        writer.number(option.type).number(option.flags).number(option.min).number(option.max);
        for (const char* text :
             {option.name, option.def, option.choices, option.help, option.since}) {
            writer.text(text);
        }
    }
}

std::uint32_t small_number(MessageReader& reader) {
    return static_cast<std::uint32_t>(reader.number_up_to(UINT32_MAX));
}

}  // namespace

std::string describe_tables(const DriverTables& tables) {
    MessageWriter writer{static_cast<std::int64_t>(Event::description)};
    write_facts(writer, tables.driver);
    write_options(writer, tables.driver);
    writer.number(operations_of(tables))
        .number(tables.has_shared ? 1 : 0)
        .text(tables.stream.format);
    return writer.message();
}

Description::Description(std::string message) : message_{std::move(message)} {
    MessageReader reader{message_};
    read_facts(reader);
    read_options(reader);
    operations_ = reader.number();
    tables_.has_shared = reader.number_up_to(1) != 0;
    tables_.stream.format = reader.text();
    reader.end();
}

void Description::read_facts(MessageReader& reader) {
    brig_driver& driver = tables_.driver;
    driver.hdr = BRIG_HDR(brig_driver);
    driver.hdr.minor = small_number(reader);
    driver.kind = small_number(reader);
    driver.thread_model = small_number(reader);
    driver.caps = static_cast<std::uint64_t>(reader.number());
    driver.state_version = small_number(reader);
    driver.min_minor = small_number(reader);
    for (const char** fact : {&driver.name,
                              &driver.version,
                              &driver.vendor,
                              &driver.license,
                              &driver.summary,
                              &driver.url,
                              &driver.platforms,
                              &driver.needs,
                              &driver.params}) {
        *fact = reader.text();
    }
}

void Description::read_options(MessageReader& reader) {
    const std::int64_t count = reader.number_up_to(kMostOptions);
    for (std::int64_t i = 0; i < count; ++i) {
        brig_option option{};
        option.type = small_number(reader);
        option.flags = small_number(reader);
        option.min = reader.number();
        option.max = reader.number();
        for (const char** text :
             {&option.name, &option.def, &option.choices, &option.help, &option.since}) {
            *text = reader.text();
        }
        options_.push_back(option);
    }
    tables_.driver.options = options_.data();
    tables_.driver.n_options = options_.size();
}

}  // namespace brig::isolation
