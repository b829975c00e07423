// SPDX-License-Identifier: BSD-2-Clause
#include "foreground.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <iostream>

namespace brig::cli {

namespace {

using Strings = std::vector<std::string>;

Json to_json(const ImageInfo& image) {
    return Json::object()
        .add("id", image.id)
        .add("name", image.name)
        .add("tag", image.tag)
        .add("storage", image.storage)
        .add("volume", image.volume)
        .add("user", image.defaults.user)
        .add("env", image.defaults.environment)
        .add("command", image.defaults.command)
        .add("workdir", image.defaults.workdir)
        .add("source", image.source)
        .add("created", format_time(image.created));
}

/// One line that is written again and again, on a terminal only.
class ProgressLine {
  public:
    ~ProgressLine() {
        if (shown_) {
            std::cerr << "\r\033[K";
        }
    }
    ProgressLine() = default;
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ProgressLine(ProgressLine&&) = delete;
    ProgressLine& operator=(ProgressLine&&) = delete;

    void show(const ImportProgress& progress) {
        if (::isatty(STDERR_FILENO) == 0) {
            return;
        }
        shown_ = true;
        const double mebibytes = static_cast<double>(progress.bytes) / (1024.0 * 1024.0);
        std::cerr << fmt::format("\r\033[K{} entries, {:.1f} MiB", progress.entries, mebibytes);
        if (progress.total_bytes > 0) {
            std::cerr << fmt::format(", {} %", progress.bytes * 100 / progress.total_bytes);
        }
    }

  private:
    bool shown_ = false;
};

ImageSource source_of(const Options& options) {
    const auto directory = options.find<std::string>("from-dir");
    const auto archive = options.find<std::string>("from-tar");
    if (directory.has_value() == archive.has_value()) {
        throw options.error("give one of --from-dir and --from-tar");
    }
    return directory ? ImageSource{FromDirectory{*directory}} : ImageSource{FromArchive{*archive}};
}

int create_image(Invocation& call, Strings arguments) {
    Options options{"image create NAME[:TAG] (--from-dir DIR | --from-tar FILE|-) [OPTION]…"};
    const auto text = [] { return po::value<std::string>(); };
    const auto list = [] { return po::value<Strings>()->composing(); };
    options.add()("from-dir", text(), "copy a directory");
    options.add()(
        "from-tar", text(), "unpack an archive (tar, also gz, bz2, xz, zst); - is standard input");
    options.add()("user", text(), "the user that containers start as");
    options.add()("env", list(), "NAME=VALUE for their environment; repeatable");
    options.add()("cmd", list(), "a word of their default command; repeatable");
    options.add()("workdir", text(), "where they start");
    options.add()("storage", text(), "the storage that keeps it");
    // NAME stands first, as in the other commands, or after the options.
    Strings names;
    if (!arguments.empty() && !arguments.front().starts_with('-')) {
        names.push_back(arguments.front());
        arguments.erase(arguments.begin());
    }
    if (!options.parse(call, arguments)) {
        return kDone;
    }
    names.insert(names.end(), options.operands().begin(), options.operands().end());
    if (names.size() != 1) {
        throw options.error("give one name");
    }
    ImageSpec spec{names.front(), options.get<std::string>("storage", ""), source_of(options), {}};
    spec.defaults = {options.get<std::string>("user", ""),
                     options.get("env", Strings{}),
                     options.get("cmd", Strings{}),
                     options.get<std::string>("workdir", "")};
    const SignalCatcher signals;
    ImageInfo image;
    {
        ProgressLine line;
        image = call.engine().create_image(spec, [&](const ImportProgress& progress) {
            line.show(progress);
            return !SignalCatcher::interrupted();
        });
    }
    call.json() ? print(to_json(image)) : void(std::cout << image.id << '\n');
    return kDone;
}

int list_images(Invocation& call, Strings arguments) {
    Options options{"image ls"};
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 0);
    Table table{{"NAME", "TAG", "ID", "STORAGE", "CREATED", "SOURCE"}};
    Json list = Json::array();
    for (const ImageInfo& image : call.engine().images()) {
        list.add(to_json(image));
        table.add({image.name.empty() ? "-" : image.name,
                   image.tag.empty() ? "-" : image.tag,
                   image.id,
                   image.storage,
                   format_age(image.created),
                   image.source});
    }
    call.json() ? print(list) : table.print();
    return kDone;
}

int inspect_images(Invocation& call, Strings arguments) {
    Options options{"image inspect IMAGE…"};
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, kMany);
    Json list = Json::array();
    for (const std::string& reference : options.operands()) {
        list.add(to_json(call.engine().image(reference)));
    }
    print(list);
    return kDone;
}

int remove_images(Invocation& call, Strings arguments) {
    Options options{"image rm IMAGE…"};
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, kMany);
    for (const std::string& reference : options.operands()) {
        call.engine().remove_image(reference);
    }
    return kDone;
}

int tag_image(Invocation& call, Strings arguments) {
    Options options{"image tag IMAGE NAME[:TAG]"};
    if (!options.parse(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(2, 2);
    call.engine().tag_image(options.operands()[0], options.operands()[1]);
    return kDone;
}

}  // namespace

int image(Invocation& call) {
    Options options{"image create | ls | inspect | rm | tag …"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    const std::string& verb = options.operands().front();
    const Strings rest{options.operands().begin() + 1, options.operands().end()};
    if (verb == "create") {
        return create_image(call, rest);
    }
    if (verb == "ls") {
        return list_images(call, rest);
    }
    if (verb == "inspect") {
        return inspect_images(call, rest);
    }
    if (verb == "rm") {
        return remove_images(call, rest);
    }
    if (verb == "tag") {
        return tag_image(call, rest);
    }
    throw options.error("there is no 'image " + verb + "'");
}

}  // namespace brig::cli
