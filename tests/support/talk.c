// SPDX-License-Identifier: BSD-2-Clause
//
// Traffic for tests, small and static so that it runs in any root:
//
//     talk serve tcp|udp ADDRESS PORT TEXT    answers whoever asks with "TEXT PEER-ADDRESS"
//     talk ask   tcp|udp ADDRESS PORT         prints the answer; status 1 after two seconds without
//
// It is C and free of brig: what it sees is what any program sees.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    TEXT_SIZE = 512,
    QUEUE = 64,
    PATIENCE = 2
};

static socklen_t fill(struct sockaddr_storage* place, const char* address, int port) {
    struct sockaddr_in6* six = (struct sockaddr_in6*)place;
    struct sockaddr_in* four = (struct sockaddr_in*)place;
    memset(place, 0, sizeof *place);
    if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((unsigned short)port);
        return sizeof *six;
    }
    if (inet_pton(AF_INET, address, &four->sin_addr) != 1) {
        fprintf(stderr, "talk: %s is no address\n", address);
        exit(2);
    }
    four->sin_family = AF_INET;
    four->sin_port = htons((unsigned short)port);
    return sizeof *four;
}

static void fail(const char* what) {
    fprintf(stderr, "talk: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void answer(char* out, const char* text, const struct sockaddr_storage* peer) {
    char address[INET6_ADDRSTRLEN] = "";
    const void* bytes = peer->ss_family == AF_INET6
                            ? (const void*)&((const struct sockaddr_in6*)peer)->sin6_addr
                            : (const void*)&((const struct sockaddr_in*)peer)->sin_addr;
    inet_ntop(peer->ss_family, bytes, address, sizeof address);
    snprintf(out, TEXT_SIZE, "%s %s\n", text, address);
}

static void serve(int type, const char* address, int port, const char* text) {
    struct sockaddr_storage place;
    const socklen_t size = fill(&place, address, port);
    const int on = 1;
    const int sock = socket(place.ss_family, type, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (place.ss_family == AF_INET6) {
        setsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (bind(sock, (struct sockaddr*)&place, size) != 0
        || (type == SOCK_STREAM && listen(sock, QUEUE) != 0)) {
        fail("bind");
    }
    for (;;) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        char buffer[TEXT_SIZE];
        if (type == SOCK_DGRAM) {
            if (recvfrom(sock, buffer, sizeof buffer, 0, (struct sockaddr*)&peer, &length) >= 0) {
                answer(buffer, text, &peer);
                sendto(sock, buffer, strlen(buffer), 0, (struct sockaddr*)&peer, length);
            }
            continue;
        }
        const int connection = accept(sock, (struct sockaddr*)&peer, &length);
        if (connection >= 0) {
            answer(buffer, text, &peer);
            if (write(connection, buffer, strlen(buffer)) < 0) {
                perror("talk: write");
            }
            close(connection);
        }
    }
}

static int ask(int type, const char* address, int port) {
    struct sockaddr_storage place;
    const socklen_t size = fill(&place, address, port);
    const struct timeval patience = {PATIENCE, 0};
    const int sock = socket(place.ss_family, type, 0);
    char buffer[TEXT_SIZE];
    ssize_t length;
    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(sock, (struct sockaddr*)&place, size) != 0) {
        fail("connect");
    }
    if (type == SOCK_DGRAM && send(sock, "?", 1, 0) != 1) {
        fail("send");
    }
    length = read(sock, buffer, sizeof buffer);
    if (length <= 0) {
        fail("read");
    }
    fwrite(buffer, 1, (size_t)length, stdout);
    return 0;
}

int main(int argc, char** argv) {
    const int type = argc > 2 && strcmp(argv[2], "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM;
    if (argc == 6 && strcmp(argv[1], "serve") == 0) {
        serve(type, argv[3], atoi(argv[4]), argv[5]);
    }
    if (argc == 5 && strcmp(argv[1], "ask") == 0) {
        return ask(type, argv[3], atoi(argv[4]));
    }
    fprintf(stderr, "talk serve|ask tcp|udp ADDRESS PORT [TEXT]\n");
    return 2;
}
