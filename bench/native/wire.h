/* What the floor and the load client share: time, and reading lines of arguments. */
#pragma once
#include <stdint.h>
#include <time.h>

static inline int64_t monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
