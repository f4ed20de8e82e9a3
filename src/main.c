/* Dispatch: the first word is the command. Each command is one file; the shared pieces are one small file each. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"
#include "output.h"
#include "usage.h"

static const command *const commands[] = {&info_command, &metric_command, &angles_command, &train_command,
                                          &eval_command, &sweep_command, &encode_command, &decode_command, &code_command, &rip_command, &report_command,
                                          &dict_command, &compare_command, &identify_command};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* Where a standard stream is closed, the next file opened would take its number, and messages would go into that file. Read-only, so
 * that writing to a closed stdout is an error and not silence. */
static void occupy_standard_streams(void)
{
    for (int fd; (fd = open("/dev/null", O_RDONLY)) >= 0;)
        if (fd > STDERR_FILENO) {
            close(fd);
            break;
        }
}

int main(int count, char **words)
{
    occupy_standard_streams();
    char known[256];
    list_commands(commands, COMMANDS, known, sizeof known);
    if (count < 2) return usage_error("no command", "one of: %s (see atoms --help)", known);
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0) return print_program_help(commands, COMMANDS);
    if (strcmp(words[1], "--version") == 0) {
        printf("atoms %s\n", atoms_version_string());
        return finish_stdout();
    }
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(words[1], commands[i]->name) == 0) return commands[i]->run(commands[i], count, words);
    return usage_error(words[1], "%s; there is: %s", words[1][0] == '-' ? "unknown option" : "unknown command", known);
}
