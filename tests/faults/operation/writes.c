/* Kills the process in the middle of its n-th write to a node's database (LD_PRELOAD).
 *
 * Only files whose path contains "belvedere.sqlite3", and not their "-shm", count. Of the write at which it kills,
 * the first half reaches the file. writes_kill(n) arms it, counting from now; writes_seen() tells how many there were.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long seen, kill_at;
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);

__attribute__((constructor)) static void find_real(void)
{
    real_pwrite = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
}

void writes_kill(long n) { kill_at = n ? seen + n : 0; }
long writes_seen(void) { return seen; }

static int counts(int fd)
{
    char link[64], path[4096];
    struct stat status;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    path[length] = 0;
    return strstr(path, "belvedere.sqlite3") != NULL && strstr(path, "-shm") == NULL;
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t offset)
{
    if (counts(fd) && ++seen == kill_at) {
        real_pwrite(fd, bytes, length / 2, offset);
        kill(getpid(), SIGKILL);
        for (;;)
            pause();
    }
    return real_pwrite(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }
