/* The first and only program of an emulated machine: runs the demo on its console, powers off.
   scripts/demo-pi links it statically and makes it /init of an initramfs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static void power_off(void) {
  sync();
  reboot(RB_POWER_OFF);
  for (;;) pause();
}

static void open_console(void) {
  mkdir("/dev", 0755);
  if (mount("dev", "/dev", "devtmpfs", 0, "") != 0) power_off();
  const int console = open("/dev/console", O_RDWR);
  if (console < 0) power_off();
  for (int i = 0; i < 3; ++i) dup2(console, i);
  if (console > 2) close(console);
}

static void run_demo(void) {
  const pid_t child = fork();
  if (child < 0) {
    perror("init: fork");
    return;
  }
  if (child == 0) {
    execl("/quaver_mnist", "quaver_mnist", (char*)NULL);
    perror("init: /quaver_mnist");
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  printf("demo ended with %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(void) {
  open_console();
  struct utsname system;
  if (uname(&system) == 0) {
    printf("%s %s on %s, %ld CPU\n", system.sysname, system.release, system.machine,
           sysconf(_SC_NPROCESSORS_ONLN));
  }
  run_demo();
  fflush(stdout);
  power_off();
}
