/* on_terminal PROGRAM ARGUMENTS…: runs it with a new terminal as stderr, and copies what it writes there to stderr. Its exit status. */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY), side;
    if (count < 2 || terminal < 0 || grantpt(terminal) || unlockpt(terminal)) return EXIT_FAILURE;
    side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    pid_t child = side < 0 ? -1 : fork();
    if (child < 0) return EXIT_FAILURE;
    if (!child) {
        dup2(side, STDERR_FILENO);
        close(side);
        close(terminal);
        execv(words[1], words + 1);
        _exit(127);
    }
    close(side);
    char buffer[4096];
    for (ssize_t n; (n = read(terminal, buffer, sizeof buffer)) > 0;) /* fails when the other side is closed */
        if (write(STDERR_FILENO, buffer, (size_t)n) != n) return EXIT_FAILURE;
    int status;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return EXIT_FAILURE;
    return WEXITSTATUS(status);
}
