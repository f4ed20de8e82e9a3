/* Hot calls ask nobody for anything: a child process that may only read, write and exit (Linux's strict seccomp) runs them all, and the allocator's
 * functions, which the linker leads through counters here, are not called. That they lock nothing: tests/abi/check_quiet.sh looks at their imports. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "small_model.h"
#include "suite.h"
#include "synres_inputs.h"

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#define GUARDED 1
#else
#define GUARDED 0
#endif

static volatile long requests;

#define COUNTED(type, name, arguments, ...)   \
    type __real_##name arguments;             \
    type __wrap_##name arguments;             \
    type __wrap_##name arguments              \
    {                                         \
        requests++;                           \
        return __real_##name(__VA_ARGS__);    \
    }
COUNTED(void *, malloc, (size_t size), size)
COUNTED(void *, calloc, (size_t count, size_t size), count, size)
COUNTED(void *, realloc, (void *memory, size_t size), memory, size)
COUNTED(void *, aligned_alloc, (size_t alignment, size_t size), alignment, size)
COUNTED(int, posix_memalign, (void **memory, size_t alignment, size_t size), memory, alignment, size)
COUNTED(void, free, (void *memory), memory)

enum { TOKENS = 40, REWIND = 8, HEADS = 2 };

typedef struct stage {
    small_model m;
    synres_state *state, *states[TOKENS];
    float *x, y[TOKENS * SMALL_OUT];
    inputs in;
    synres_gradients_f32 gradients;
    float *dS, *du, *d_key;
    void *chunk, *backward, *state_memory;
    size_t chunk_bytes, backward_bytes;
} stage;

static void build(stage *s)
{
    s->m = make_model(3, SYNRES_RULE_ERASE | SYNRES_RULE_DECAY_CHANNEL, 1, 2);
    s->state = make_state(s->m.model, REWIND, &s->state_memory);
    for (int t = 0; t < TOKENS; t++) s->states[t] = s->state;
    s->x = random_x(1, TOKENS);
    for (int i = 0; i < TOKENS * SMALL_OUT; i++) s->y[i] = 1;
    s->in = random_tokens(1, SYNRES_RULE_ERASE, HEADS, 24, 20, TOKENS, WITH_DECAY);
    ck_synres_ok(synres_gradients_f32_init(&s->gradients, sizeof s->gradients));
    s->gradients.key = s->d_key = calloc(TOKENS * HEADS * 24, sizeof(float));
    s->dS = copy_f32(s->in.S32, s->in.state);
    s->du = copy_f32(s->in.u32, s->in.outputs);
    ck_synres_ok(synres_chunk_size_f32(&s->in.shape, &s->chunk_bytes));
    ck_synres_ok(synres_backward_size_f32(&s->in.shape, TOKENS, 0, &s->backward_bytes));
    s->chunk = malloc(s->chunk_bytes);
    s->backward = malloc(s->backward_bytes);
}

static void clear(stage *s)
{
    void *owned[] = {s->state_memory, s->x, s->d_key, s->dS, s->du, s->chunk, s->backward};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
    free_tokens(&s->in);
    free_model(&s->m);
}

/* Every call that promises it; the sum of the statuses. */
static int hot_calls(stage *s)
{
    int wrong = 0;
    synres_batch batch;
    wrong += synres_batch_init(&batch, sizeof batch);
    batch.tokens = TOKENS, batch.x = s->x, batch.states = s->states;
    for (int64_t l = 0; l < 2; l++) {
        wrong += synres_run(s->m.model, l, &batch, s->m.work, 0, 1);
        for (int64_t t = 0; t < SMALL_TAPS; t++) {
            wrong += synres_tap_prepare(s->m.model, l, t, s->m.work, s->y, 0, 0, 1);
            wrong += synres_tap(s->m.model, l, t, s->m.work, s->y, 0, 0, 1);
        }
    }
    wrong += synres_state_rewind(s->state, TOKENS - REWIND);
    wrong += synres_step_f32(&s->in.shape, &s->in.f32, s->in.S32, s->in.u32, 0, 1);
    wrong += synres_chunk_f32(&s->in.shape, &s->in.f32, s->in.S32, s->in.u32, 0, s->chunk, s->chunk_bytes, 0, 1);
    wrong += synres_backward_f32(&s->in.shape, &s->in.f32, s->in.S32, s->du, s->dS, &s->gradients, 0, s->backward, s->backward_bytes, 0, 1);
    return wrong;
}

START_TEST(hot_calls_never_allocate)
{
    stage s;
    build(&s);
    long before = requests;
    int wrong = hot_calls(&s);
    long after = requests;
    void *volatile one = malloc(1);
    free(one);
    long counted = requests - after; /* Check allocates too: figures first, then assertions */
    ck_assert_int_eq(after, before);
    ck_assert_int_eq(counted, 2);
    ck_assert_int_eq(wrong, 0);
    clear(&s);
}
END_TEST

#if GUARDED
static int a_system_call(stage *s)
{
    (void)s;
    return syscall(SYS_getppid) < 0;
}

/* How a child ends that calls `calls` under guard: its byte, or −1 where it was killed. */
static int guarded(int (*calls)(stage *), stage *s)
{
    int ends[2], how;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)) _exit(77); /* not allowed to guard itself */
        unsigned char byte = (unsigned char)(calls(s) != 0);
        syscall(SYS_exit, write(ends[1], &byte, 1) != 1);
    }
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    unsigned char byte = 0;
    close(ends[1]);
    int result = WIFEXITED(how) && WEXITSTATUS(how) == 77 ? 77 : WIFEXITED(how) && read(ends[0], &byte, 1) == 1 ? byte : -1;
    close(ends[0]);
    return result;
}

START_TEST(hot_calls_never_call_the_system)
{
    stage s;
    build(&s);
    int watched = guarded(a_system_call, &s);
    if (watched == 77) { /* no seccomp in this kernel */
        clear(&s);
        return;
    }
    ck_assert_int_eq(watched, -1); /* the guard guards */
    ck_assert_int_eq(guarded(hot_calls, &s), 0);
    clear(&s);
}
END_TEST
#endif

static void add_cases(Suite *suite)
{
    add_case(suite, "allocation", hot_calls_never_allocate);
#if GUARDED
    add_case(suite, "system calls", hot_calls_never_call_the_system);
#endif
}

SUITE_MAIN("synres_quiet", add_cases)
