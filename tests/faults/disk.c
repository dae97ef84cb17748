/* A disk that fails when told to, preloaded under SQLite (LD_PRELOAD; strace does the same where ptrace may).
 *
 * Only files whose path contains "belvedere.sqlite3", and not their "-shm", are on this disk. It counts the
 * syncs (fdatasync, fsync) of those files. Orders, each by a function of its own:
 *   disk_cut(n, seed)   at the n-th sync from now the power fails: what was written since each file's last sync
 *                       is lost, each write with probability 1/2 (all of it if seed is 0); then SIGKILL
 *   disk_fail(n, times) from the n-th sync on, `times` of them answer EIO and sync nothing
 *   disk_slow(us)       every sync takes that long
 *   disk_kill(n)        SIGKILL at the n-th act from now: in the middle of a write of these files, of which the first
 *                       half is done, or in place of a truncation, of a sync, or of a send on any socket
 *   disk_kill_sync(n)   SIGKILL in place of the n-th sync from now; syncs alone are acts then
 *   disk_fired()        how many faults were really injected
 *   disk_acts()         how many acts there were since disk_kill
 * A cut says "CUT <n>" and a kill "KILLED at <act> <n>" on standard error first, so that a test knows that it fired.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct write_undone {
    struct write_undone *older;
    int fd;
    ino_t inode;
    off_t offset, size_before;
    size_t length; /* of the bytes that stood there before */
    unsigned char before[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct write_undone *newest;
static long syncs, cut_at, fail_from, fail_times, fired;
static unsigned cut_seed, slow_us;
static int syncs_alone;
static long acts, kill_at = -1; /* acts are counted once kill_at is set; 0 counts and kills nothing */

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fdatasync)(int);
static int (*real_fsync)(int);
static ssize_t (*real_send)(int, const void *, size_t, int);

__attribute__((constructor)) static void find_real(void)
{
    real_pwrite = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate64");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_send = (ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
}

void disk_cut(long n, unsigned seed) { cut_at = n ? syncs + n : 0; cut_seed = seed; }
void disk_fail(long n, long times) { fail_from = n ? syncs + n : 0; fail_times = times; }
void disk_slow(unsigned us) { slow_us = us; }
void disk_kill(long n) { acts = 0; kill_at = n; }
void disk_kill_sync(long n) { syncs_alone = 1; disk_kill(n); }
long disk_acts(void) { return acts; }
long disk_fired(void) { return fired; }
long disk_syncs(void) { return syncs; }

/* Several threads act at once: the n-th act is one of them, whichever comes n-th. */
static int is_last(int is_sync)
{
    return kill_at >= 0 && (is_sync || !syncs_alone) && __atomic_add_fetch(&acts, 1, __ATOMIC_SEQ_CST) == kill_at;
}

static void die_at(const char *what)
{
    dprintf(2, "KILLED at %s %ld\n", what, kill_at);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static int on_this_disk(int fd, ino_t *inode)
{
    char link[64], path[4096];
    struct stat status;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    path[length] = 0;
    *inode = status.st_ino;
    return strstr(path, "belvedere.sqlite3") != NULL && strstr(path, "-shm") == NULL;
}

static void remember(int fd, ino_t inode, off_t offset, size_t length)
{
    struct stat status;
    struct write_undone *undone = malloc(sizeof *undone + length);
    if (undone == NULL || fstat(fd, &status) != 0)
        abort();
    ssize_t kept = length ? pread(fd, undone->before, length, offset) : 0;
    undone->fd = fd;
    undone->inode = inode;
    undone->offset = offset;
    undone->size_before = status.st_size;
    undone->length = kept > 0 ? (size_t)kept : 0;
    undone->older = newest;
    newest = undone;
}

static void forget(ino_t inode)
{
    struct write_undone **place = &newest;
    while (*place != NULL) {
        struct write_undone *undone = *place;
        if (undone->inode == inode) {
            *place = undone->older;
            free(undone);
        } else {
            place = &undone->older;
        }
    }
}

static void lose_power(void)
{
    for (struct write_undone *undone = newest; undone != NULL; undone = undone->older) {
        if (cut_seed != 0 && rand_r(&cut_seed) % 2 == 0)
            continue;
        real_pwrite(undone->fd, undone->before, undone->length, undone->offset);
        real_ftruncate(undone->fd, undone->size_before);
    }
    dprintf(2, "CUT %ld\n", syncs);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static int sync_with(int fd, int (*real)(int))
{
    ino_t inode;
    if (!on_this_disk(fd, &inode))
        return real(fd);
    if (is_last(1))
        die_at("sync");
    if (slow_us)
        usleep(slow_us);
    pthread_mutex_lock(&lock);
    syncs++;
    if (cut_at && syncs == cut_at)
        lose_power();
    if (fail_from && syncs >= fail_from && fail_times > 0) {
        fail_times--;
        fired++;
        pthread_mutex_unlock(&lock);
        errno = EIO;
        return -1;
    }
    forget(inode);
    pthread_mutex_unlock(&lock);
    return real(fd);
}

int fdatasync(int fd) { return sync_with(fd, real_fdatasync); }
int fsync(int fd) { return sync_with(fd, real_fsync); }

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t offset)
{
    ino_t inode;
    if ((cut_at || kill_at >= 0) && on_this_disk(fd, &inode)) {
        if (is_last(0)) {
            real_pwrite(fd, bytes, length / 2, offset);
            die_at("write");
        }
        if (cut_at) {
            pthread_mutex_lock(&lock);
            remember(fd, inode, offset, length);
            pthread_mutex_unlock(&lock);
        }
    }
    return real_pwrite(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }

static int cut_to(int fd, off_t size)
{
    ino_t inode;
    struct stat status;
    if ((cut_at || kill_at >= 0) && on_this_disk(fd, &inode) && fstat(fd, &status) == 0) {
        if (is_last(0))
            die_at("truncation");
        if (cut_at) {
            pthread_mutex_lock(&lock);
            remember(fd, inode, size, status.st_size > size ? (size_t)(status.st_size - size) : 0);
            pthread_mutex_unlock(&lock);
        }
    }
    return real_ftruncate(fd, size);
}

int ftruncate(int fd, off_t size) { return cut_to(fd, size); }
int ftruncate64(int fd, off_t size) { return cut_to(fd, size); }

ssize_t send(int fd, const void *bytes, size_t length, int flags)
{
    if (is_last(0))
        die_at("send");
    return real_send(fd, bytes, length, flags);
}
