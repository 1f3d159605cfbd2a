/* Preloaded into a broker: dies with SIGKILL at the Nth system call that changes files below a
 * folder. KILL_DIR is the folder, KILL_AT the number (0: never), KILL_HOW what happens to that
 * call: "before" it, "after" it, or "short": a write of which half is done, else as "after".
 * Without a kill, KILL_TELL names a file that gets the number of calls when the process ends.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long kill_at;
static const char *folder, *how;

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("KILL_AT");
    kill_at = number ? atol(number) : 0;
    folder = getenv("KILL_DIR");
    how = getenv("KILL_HOW") ? getenv("KILL_HOW") : "before";
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("KILL_TELL");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", (long)calls);
        fclose(file);
    }
}

static void die(void) { kill(getpid(), SIGKILL); pause(); }

static int is_below(const char *path) {
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_ours(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return is_below(path);
}

/* Count a call; returns 1 if it is the one to die at, 0 if not, and does not return from "before". */
static int count(int ours) {
    if (!ours || atomic_fetch_add(&calls, 1) + 1 != kill_at) return 0;
    if (strcmp(how, "before") == 0) die();
    return 1;
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))
#define AFTER(last, call) do { typeof(call) done = (call); if (last) die(); return done; } while (0)

ssize_t write(int fd, const void *from, size_t size) {
    int last = count(is_ours(fd));
    if (last && strcmp(how, "short") == 0) size = (size + 1) / 2;
    AFTER(last, REAL(write)(fd, from, size));
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) {
    int last = count(is_ours(fd));
    if (last && strcmp(how, "short") == 0) size = (size + 1) / 2;
    AFTER(last, REAL(pwrite64)(fd, from, size, at));
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at) { return pwrite64(fd, from, size, at); }

static ssize_t some_of(int fd, const struct iovec *parts, off64_t at) {
    return REAL(pwrite64)(fd, parts[0].iov_base, (parts[0].iov_len + 1) / 2, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int number, off64_t at) {
    int last = count(is_ours(fd));
    if (last && strcmp(how, "short") == 0) AFTER(last, some_of(fd, parts, at));
    AFTER(last, REAL(pwritev64)(fd, parts, number, at));
}

ssize_t pwritev64v2(int fd, const struct iovec *parts, int number, off64_t at, int flags) {
    int last = count(is_ours(fd));
    if (last && strcmp(how, "short") == 0) AFTER(last, some_of(fd, parts, at));
    AFTER(last, REAL(pwritev64v2)(fd, parts, number, at, flags));
}

int fsync(int fd) { int last = count(is_ours(fd)); AFTER(last, REAL(fsync)(fd)); }
int fdatasync(int fd) { int last = count(is_ours(fd)); AFTER(last, REAL(fdatasync)(fd)); }
int syncfs(int fd) { int last = count(is_ours(fd)); AFTER(last, REAL(syncfs)(fd)); }
int ftruncate64(int fd, off64_t size) { int last = count(is_ours(fd)); AFTER(last, REAL(ftruncate64)(fd, size)); }
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
int rename(const char *old, const char *new) { int last = count(is_below(new)); AFTER(last, REAL(rename)(old, new)); }
int unlink(const char *path) { int last = count(is_below(path)); AFTER(last, REAL(unlink)(path)); }
int unlinkat(int fd, const char *path, int flags) {
    int last = count(is_below(path) || (path[0] != '/' && fd >= 0 && is_ours(fd)));
    AFTER(last, REAL(unlinkat)(fd, path, flags));
}
