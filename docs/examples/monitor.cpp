// SPDX-License-Identifier: BSD-2-Clause
//
// Shows which containers run, and every change of that, until it is interrupted:
//
//     web is running
//     db died with status 137, 1 container is running
//
// It only looks: whatever happens is done by others, `brig` or programs like job_runner.
#include <brig/engine.hpp>

#include <cstdio>
#include <map>
#include <string>

namespace {

/// Names of the containers that run, by id.
using Running = std::map<std::string, std::string>;

Running list_running(brig::Engine& engine) {
    Running running;
    for (const brig::ContainerInfo& container : engine.containers()) {
        if (container.state == brig::ContainerState::running) {
            running[container.id] = container.name;
            std::printf("%s is running\n", container.name.c_str());
        }
    }
    return running;
}

void say(const brig::Event& event, const Running& running) {
    std::string what = event.name + " " + std::string{brig::to_string(event.action)};
    if (event.action == brig::EventAction::died) {
        const auto status = event.attributes.find("exit_status");
        what += status == event.attributes.end() ? ", nobody knows how"
                                                 : " with status " + status->second;
    }
    std::printf("%s, %zu container%s running\n",
                what.c_str(),
                running.size(),
                running.size() == 1 ? " is" : "s are");
}

/// What one event changes.
void follow(Running& running, const brig::Event& event) {
    switch (event.action) {
        case brig::EventAction::started:
        case brig::EventAction::renamed:
            running[event.id] = event.name;
            break;
        case brig::EventAction::died:
            running.erase(event.id);
            break;
        default:
            break;
    }
    say(event, running);
}

void monitor() {
    brig::Engine engine{brig::load_settings({})};
    brig::EventOptions wanted;
    wanted.filter.subjects = {brig::EventSubject::container};
    // First the events, then the list: what happens in between is seen twice, not missed.
    const auto events = engine.events(wanted);
    Running running = list_running(engine);
    std::fflush(stdout);
    for (;;) {
        const auto event = events->wait(std::nullopt);
        if (event && event->action == brig::EventAction::lost) {
            running = list_running(engine);  // we were too slow: look at everything anew
        } else if (event) {
            follow(running, *event);
        }
        std::fflush(stdout);
    }
}

}  // namespace

int main() {
    try {
        monitor();
    } catch (const brig::Error& error) {
        std::fprintf(stderr, "monitor: %s\n", brig::full_message(error).c_str());
    }
    return 1;
}
