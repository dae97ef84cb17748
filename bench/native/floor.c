/* The floor: one thread that writes blocks to sockets, and nothing else.
 *
 * floor SCHEDULE VIEWERS
 * SCHEDULE holds lines "offset_us size" for one round; rounds follow each other. Prints the port, answers each
 * connection's HTTP request with a bare 101, and starts once VIEWERS are there. Ends when standard input closes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum { BLOCKS_MAX = 100000, VIEWERS_MAX = 4096, BLOCK_BYTES_MAX = 4 << 20 };

static int64_t offset_us[BLOCKS_MAX];
static int size_bytes[BLOCKS_MAX];
static int viewer[VIEWERS_MAX];
static const char accepted[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int greet(int listener) {
    int socket = accept(listener, NULL, NULL);
    if (socket < 0) die("accept");
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    char head[8192];
    size_t read_bytes = 0;
    while (read_bytes < 4 || memcmp(head + read_bytes - 4, "\r\n\r\n", 4) != 0) {
        ssize_t more = recv(socket, head + read_bytes, sizeof head - read_bytes, 0);
        if (more <= 0) die("request");
        read_bytes += (size_t)more;
    }
    if (write(socket, accepted, sizeof accepted - 1) < 0) die("answer");
    return socket;
}

int main(int count, char **argument) {
    if (count != 3) return 2;
    signal(SIGPIPE, SIG_IGN);
    FILE *schedule = fopen(argument[1], "r");
    if (!schedule) die(argument[1]);
    int blocks = 0;
    int64_t round_us = 0;
    while (blocks < BLOCKS_MAX && fscanf(schedule, "%ld %d", &offset_us[blocks], &size_bytes[blocks]) == 2) blocks++;
    if (fscanf(schedule, " round %ld", &round_us) != 1 || blocks == 0) return 2;
    int viewers = atoi(argument[2]);
    char *block = calloc(1, BLOCK_BYTES_MAX);

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1024)) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (int number = 0; number < viewers; number++) viewer[number] = greet(listener);

    int64_t began = monotonic_us();
    for (int64_t round = 0;; round++) {
        for (int number = 0; number < blocks; number++) {
            int64_t wait = began + round * round_us + offset_us[number] - monotonic_us();
            struct pollfd input = {.fd = 0, .events = POLLIN};
            if (poll(&input, 1, wait > 0 ? (int)(wait / 1000) : 0) > 0) return 0;
            wait = began + round * round_us + offset_us[number] - monotonic_us();
            if (wait > 0) usleep((useconds_t)wait);
            for (int to = 0; to < viewers; to++) {
                for (int sent = 0; sent < size_bytes[number];) {
                    ssize_t written = write(viewer[to], block + sent, (size_t)(size_bytes[number] - sent));
                    if (written < 0) {
                        if (errno == EINTR) continue;
                        return 0; /* the viewers are gone: the measure is over */
                    }
                    sent += (int)written;
                }
            }
        }
    }
}
