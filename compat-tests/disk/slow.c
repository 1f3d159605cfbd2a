/* Preloaded into a broker: a disk that is slow or fails below SLOW_DIR, as SLOW_CONTROL says. That
 * file holds "write_ms sync_ms write_errno sync_errno"; without it the disk is as it is.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_ours(int fd) {
    const char *folder = getenv("SLOW_DIR");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (!folder || size < 0) return 0;
    path[size] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

/* Wait as long as the disk takes; returns -1 with errno set if it fails. */
static int disk(int fd, int is_sync) {
    int ms[2] = {0, 0}, error[2] = {0, 0};
    const char *control = getenv("SLOW_CONTROL");
    if (!control || !is_ours(fd)) return 0;
    FILE *file = fopen(control, "r");
    if (!file) return 0;
    int found = fscanf(file, "%d %d %d %d", &ms[0], &ms[1], &error[0], &error[1]);
    fclose(file);
    if (found != 4) return 0;
    usleep(1000 * ms[is_sync]);
    errno = error[is_sync];
    return errno ? -1 : 0;
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *from, size_t size) {
    return disk(fd, 0) ? -1 : REAL(write)(fd, from, size);
}
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) {
    return disk(fd, 0) ? -1 : REAL(pwrite64)(fd, from, size, at);
}
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) { return pwrite64(fd, from, size, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int number, off64_t at) {
    return disk(fd, 0) ? -1 : REAL(pwritev64)(fd, parts, number, at);
}
ssize_t pwritev64v2(int fd, const struct iovec *parts, int number, off64_t at, int flags) {
    return disk(fd, 0) ? -1 : REAL(pwritev64v2)(fd, parts, number, at, flags);
}
int fsync(int fd) { return disk(fd, 1) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return disk(fd, 1) ? -1 : REAL(fdatasync)(fd); }
int syncfs(int fd) { return disk(fd, 1) ? -1 : REAL(syncfs)(fd); }
