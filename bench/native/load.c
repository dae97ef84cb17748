/* The load client: many sockets, no decoding, as little work as can be.
 *
 * load fanout PORT PATHS HEADERS          connects all, says "ready"; "start" clears the count, "stop" prints bytes
 * load first PORT PATHS HEADERS           one after the other: microseconds from connect to a key picture's first bytes
 * load revoke PORT PATHS HEADERS STALLED  connects all; the first STALLED never read; prints when each socket ended
 * PATHS holds one path a line; HEADERS the extra request headers (with CRLF).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum { SOCKETS_MAX = 8192, BUFFER_BYTES = 1 << 18 };

static char *path[SOCKETS_MAX];
static int paths;
static char headers[4096];
static unsigned char buffer[BUFFER_BYTES];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void read_whole(const char *name, char *out, size_t size) {
    FILE *file = fopen(name, "r");
    if (!file) die(name);
    out[fread(out, 1, size - 1, file)] = 0;
    fclose(file);
}

static void read_paths(const char *name) {
    FILE *file = fopen(name, "r");
    char line[1024];
    if (!file) die(name);
    while (paths < SOCKETS_MAX && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        path[paths++] = strdup(line);
    }
    fclose(file);
}

/* Connects and sends the request; the answer is not waited for. */
static int request(int port, const char *of, int small_buffer) {
    int made = socket(AF_INET, SOCK_STREAM, 0);
    if (small_buffer) setsockopt(made, SOL_SOCKET, SO_RCVBUF, &small_buffer, sizeof small_buffer);
    int on = 1;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    if (connect(made, (struct sockaddr *)&address, sizeof address)) die("connect");
    char text[8192];
    int length = snprintf(text, sizeof text,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", of, headers);
    if (write(made, text, (size_t)length) != length) die("request");
    return made;
}

/* Reads the answer's head, byte by byte: what follows it is the stream's. */
static void answered(int from) {
    char head[4096];
    size_t length = 0;
    while (length < 4 || memcmp(head + length - 4, "\r\n\r\n", 4) != 0) {
        if (length == sizeof head || recv(from, head + length, 1, 0) != 1) die("answer");
        length++;
    }
    if (memcmp(head, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "refused: %.60s\n", head);
        exit(1);
    }
}

static void fanout(int port) {
    int poll = epoll_create1(0);
    for (int number = 0; number < paths; number++) {
        int made = request(port, path[number], 0);
        answered(made);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = made};
        epoll_ctl(poll, EPOLL_CTL_ADD, made, &event);
    }
    struct epoll_event input = {.events = EPOLLIN, .data.fd = 0};
    epoll_ctl(poll, EPOLL_CTL_ADD, 0, &input);
    printf("ready\n");
    fflush(stdout);
    long long bytes = 0;
    int ended = 0;
    for (;;) {
        struct epoll_event events[256];
        int count = epoll_wait(poll, events, 256, -1);
        for (int number = 0; number < count; number++) {
            int from = events[number].data.fd;
            if (from == 0) {
                char word[16] = {0};
                if (read(0, word, sizeof word - 1) <= 0) return;
                if (word[2] == 'a') bytes = 0; /* start */
                else {
                    printf("%lld %d\n", bytes, ended);
                    fflush(stdout);
                }
                continue;
            }
            /* MSG_TRUNC: the kernel throws the bytes away without copying them. */
            ssize_t got = recv(from, NULL, BUFFER_BYTES, MSG_TRUNC | MSG_DONTWAIT);
            if (got > 0) bytes += got;
            else if (got == 0 || errno != EAGAIN) {
                ended++;
                close(from);
            }
        }
    }
}

/* Microseconds until the first bytes of the first picture, which is a key picture, are read. */
static long long until_key(int from, int64_t began) {
    size_t length = 0;
    for (;;) {
        ssize_t got = recv(from, buffer + length, BUFFER_BYTES - length, 0);
        if (got <= 0) die("stream");
        length += (size_t)got;
        if (memmem(buffer, length, "prft", 4) && memmem(buffer, length, "mdat", 4)) return monotonic_us() - began;
        if (length == BUFFER_BYTES) die("no picture");
    }
}

static void first(int port) {
    for (int number = 0; number < paths; number++) {
        int64_t began = monotonic_us();
        int made = request(port, path[number], 0);
        printf("%lld\n", until_key(made, began));
        fflush(stdout);
        struct linger gone = {1, 0};
        setsockopt(made, SOL_SOCKET, SO_LINGER, &gone, sizeof gone);
        close(made);
        usleep(20000 + (unsigned)(number * 7919) % 40000); /* spread over the group of pictures */
    }
}

static void revocation(int port, int stalled) {
    static int sockets[SOCKETS_MAX];
    int poll = epoll_create1(0);
    for (int number = 0; number < paths; number++) {
        sockets[number] = request(port, path[number], number < stalled ? 4096 : 0);
        answered(sockets[number]);
        struct epoll_event event = {.events = number < stalled ? EPOLLRDHUP : EPOLLIN | EPOLLRDHUP, .data.u32 = (uint32_t)number};
        epoll_ctl(poll, EPOLL_CTL_ADD, sockets[number], &event);
    }
    printf("ready\n");
    fflush(stdout);
    for (int left = paths; left > 0;) {
        struct epoll_event events[256];
        int count = epoll_wait(poll, events, 256, 30000);
        if (count <= 0) die("epoll");
        for (int at = 0; at < count; at++) {
            int number = (int)events[at].data.u32;
            int over = (events[at].events & (EPOLLERR | EPOLLHUP)) != 0;
            if (!over && number < stalled) over = (events[at].events & EPOLLRDHUP) != 0;
            if (!over) {
                ssize_t got = recv(sockets[number], NULL, BUFFER_BYTES, MSG_TRUNC | MSG_DONTWAIT);
                over = got == 0 || (got < 0 && errno != EAGAIN);
            }
            if (!over) continue;
            int64_t ended = monotonic_us();
            int unread = 0;
            ioctl(sockets[number], FIONREAD, &unread);
            printf("%d %lld %d\n", number, (long long)ended, unread);
            epoll_ctl(poll, EPOLL_CTL_DEL, sockets[number], NULL);
            left--;
        }
    }
    fflush(stdout);
}

int main(int count, char **argument) {
    if (count < 5) return 2;
    struct rlimit files = {SOCKETS_MAX + 64, SOCKETS_MAX + 64};
    setrlimit(RLIMIT_NOFILE, &files);
    int port = atoi(argument[2]);
    read_paths(argument[3]);
    read_whole(argument[4], headers, sizeof headers);
    if (!strcmp(argument[1], "fanout")) fanout(port);
    else if (!strcmp(argument[1], "first")) first(port);
    else if (!strcmp(argument[1], "revoke") && count == 6) revocation(port, atoi(argument[5]));
    else return 2;
    return 0;
}
