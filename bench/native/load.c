/* The load client: many sockets, no decoding, as little work as can be.
 *
 * load fanout PORT PATHS HEADERS          connects all, says "ready"; "start" clears the count, "stop" prints bytes
 * load rtsp PORT PATHS HEADERS            as fanout, but each asks an RTSP server for its path, interleaved (RFC 2326)
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

/* Connects to the server; a small receive buffer where one is asked for. */
static int connected(int port, int small_buffer) {
    int made = socket(AF_INET, SOCK_STREAM, 0);
    if (small_buffer) setsockopt(made, SOL_SOCKET, SO_RCVBUF, &small_buffer, sizeof small_buffer);
    int on = 1;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    if (connect(made, (struct sockaddr *)&address, sizeof address)) die("connect");
    return made;
}

/* Connects and sends the request; the answer is not waited for. */
static int request(int port, const char *of, int small_buffer) {
    int made = connected(port, small_buffer);
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

static void read_exactly(int from, void *out, size_t length) {
    for (size_t got = 0; got < length;) {
        ssize_t more = recv(from, (char *)out + got, length - got, 0);
        if (more <= 0) die("rtsp answer");
        got += (size_t)more;
    }
}

/* Sends one RTSP request and reads its answer, body included, into `answer`; packets that come before it are dropped. */
static void ask(int of, const char *text, char *answer, size_t size) {
    size_t length = strlen(text), got = 0, whole = 0;
    if (write(of, text, length) != (ssize_t)length) die("rtsp request");
    while (whole == 0 || got < whole) {
        if (got + 1 >= size) die("rtsp answer");
        read_exactly(of, answer + got, 1);
        if (got == 0 && answer[0] == '$') {
            unsigned char head[3];
            read_exactly(of, head, sizeof head);
            read_exactly(of, buffer, (size_t)head[1] << 8 | head[2]);
            continue;
        }
        answer[++got] = 0;
        if (whole == 0 && got >= 4 && memcmp(answer + got - 4, "\r\n\r\n", 4) == 0) {
            const char *body = strcasestr(answer, "\r\nContent-Length:");
            whole = got + (body ? (size_t)atoi(body + 17) : 0);
        }
    }
    if (memcmp(answer, "RTSP/1.0 200", 12) != 0) {
        fprintf(stderr, "refused: %.60s\n", answer);
        exit(1);
    }
}

/* Copies what follows `name` up to the end of its line. */
static void value_of(const char *in, const char *name, const char *ends, char *out, size_t size) {
    const char *found = strcasestr(in, name);
    size_t length = 0;
    if (found) {
        found += strlen(name);
        found += strspn(found, " ");
        length = strcspn(found, ends);
        if (length >= size) length = size - 1;
        memcpy(out, found, length);
    }
    out[length] = 0;
}

/* Goes from DESCRIBE to PLAY, the first track over the same connection. */
static int played(int port, const char *of) {
    int made = connected(port, 0);
    static char answer[65536];
    char text[2048], base[512], control[256], track[768], session[256];
    snprintf(base, sizeof base, "rtsp://127.0.0.1:%d%s", port, of);
    snprintf(text, sizeof text, "DESCRIBE %s RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n", base);
    ask(made, text, answer, sizeof answer);
    const char *video = strstr(answer, "m=video");
    value_of(video ? video : answer, "a=control:", "\r\n", control, sizeof control);
    if (strncmp(control, "rtsp://", 7) == 0) snprintf(track, sizeof track, "%s", control);
    else snprintf(track, sizeof track, "%s/%s", base, control);
    snprintf(text, sizeof text,
        "SETUP %s RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n", track);
    ask(made, text, answer, sizeof answer);
    value_of(answer, "\r\nSession:", ";\r\n", session, sizeof session);
    snprintf(text, sizeof text, "PLAY %s RTSP/1.0\r\nCSeq: 3\r\nSession: %s\r\nRange: npt=0.000-\r\n\r\n", base, session);
    ask(made, text, answer, sizeof answer);
    return made;
}

static int watched(int port, const char *of) {
    int made = request(port, of, 0);
    answered(made);
    return made;
}

static void fanout(int port, int (*open_one)(int, const char *)) {
    int poll = epoll_create1(0);
    for (int number = 0; number < paths; number++) {
        int made = open_one(port, path[number]);
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
    if (!strcmp(argument[1], "fanout")) fanout(port, watched);
    else if (!strcmp(argument[1], "rtsp")) fanout(port, played);
    else if (!strcmp(argument[1], "first")) first(port);
    else if (!strcmp(argument[1], "revoke") && count == 6) revocation(port, atoi(argument[5]));
    else return 2;
    return 0;
}
