#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "progress.h"

/* Any thread of the process may be the one that takes a signal. */
static atomic_int noting, noted;
static _Atomic(const char *) last_words = "";

static void leave(void)
{
    const char *words = last_words;
    progress_clear();
    ssize_t written = write(STDERR_FILENO, words, strlen(words));
    (void)written;
    _exit(EXIT_INTERRUPTED);
}

static void handle(int signal_number)
{
    (void)signal_number;
    if (!noting || noted) leave();
    noted = 1;
}

static void install(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_leaves(const char *words)
{
    last_words = words;
    noting = 0;
    if (noted) leave();
    install();
}

void interrupt_is_noted(void)
{
    noting = 1;
}

int interrupt_noted(void)
{
    return noted;
}
