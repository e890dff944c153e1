/*
 * command.c - `farshore lab WORD …`: the shell's way to a lab.
 *
 * Why:   a lab is started, broken and asked from shells, tests and scripts.
 * How:   one row a word, with its complete help; the hidden words are how farshore runs itself.
 * Rules: what a script reads goes to standard output, everything else to standard error. Usage
 *        errors are 64.
 * See:   docs/LAB.md; CONTRACTS 1 and 10.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "disk.h"
#include "farshore/base/number.h"
#include "farshore/base/suggest.h"
#include "farshore/lab/lab.h"
#include "fault.h"
#include "layout.h"
#include "provision.h"
#include "status_text.h"
#include "supervisor.h"
#include "worker.h"

#define EXIT_USAGE 64
#define SETTLE_MS 10000

static const char help_lab[] =
    "usage: farshore lab [WORD] [OPTION]...\n"
    "\n"
    "Two real NATS regions on this machine, with a WAN between them that breaks on demand.\n"
    "With no word: start a lab, open the console on it, end the lab when the console ends.\n"
    "\n"
    "  up       start a lab and wait until it is usable\n"
    "  status   what runs, what is broken on purpose, what the workload counted\n"
    "  fault    break something, or mend it\n"
    "  down     end the lab; nothing stays but its logs\n"
    "\n"
    "Every word takes --dir DIR: the lab's directory, $XDG_RUNTIME_DIR/farshore-lab by default\n"
    "(else /tmp/farshore-lab-UID). `farshore lab WORD --help` says more.\n";

static const char help_up[] =
    "usage: farshore lab up [OPTION]...\n"
    "\n"
    "Start real nats-servers on loopback as a super-cluster, joined by a proxy that plays the "
    "WAN,\n"
    "make streams, mirrors and consumers, start a workload, and return when all of it is usable.\n"
    "Progress goes to standard error; the last line on standard output is the path of the\n"
    "configuration for the console. On failure, or when interrupted, nothing is left running.\n"
    "\n"
    "  --dir DIR            the lab's directory; made 0700; several labs may run side by side\n"
    "  --base-port PORT     first of a block of 64 ports (default: the first free block from\n"
    "                       14200 on)\n"
    "  --nats-server PATH   the server to run (default: $FARSHORE_NATS_SERVER, else the newest of\n"
    "                       ~/.cache/farshore/servers/nats-server-VERSION, else the path's)\n"
    "  --topology T         3+3+1 (default): regions rg1, rg2 and the arbiter rg3; or 3+3\n"
    "  --rate N             messages a second of the workload (default 100; 0: no workload)\n"
    "  --streams N          more streams with mirrors beside AGENTESE and EVENTS (default 0)\n"
    "\n"
    "exit: 0 usable; 1 failed, with the reason; 64 usage\n";

static const char help_status[] = "usage: farshore lab status [--dir DIR] [--json]\n"
                                  "\n"
                                  "  --dir DIR   the lab's directory\n"
                                  "  --json      one object: dir, config, nats_server, topology, "
                                  "nodes, workload, apps, control,\n"
                                  "              ways, disks, faults (docs/LAB.md)\n"
                                  "\n"
                                  "exit: 0; 1 no lab runs there; 64 usage\n";

static const char help_fault[] =
    "usage: farshore lab fault [--dir DIR] FAULT\n"
    "\n"
    "Servers; REGION is rg1, rg2 or rg3, NODE as rg1-n1:\n"
    "  kill REGION[/NODE]     SIGKILL; a whole region takes its application endpoint along\n"
    "  term REGION[/NODE]     SIGTERM: the servers say goodbye\n"
    "  stop REGION[/NODE]     SIGSTOP: frozen, sockets stay open\n"
    "  cont REGION[/NODE]     SIGCONT\n"
    "  start REGION[/NODE]    start what was killed or has ended\n"
    "\n"
    "The WAN; A and B are two of rg1, rg2, rg3 and here (the console's own site):\n"
    "  cut A-B                close every connection, refuse new ones\n"
    "  stall A-B              a black hole: connections stay open and carry nothing\n"
    "  delay A-B MS           add MS milliseconds to the round trip, half of it each way\n"
    "  bandwidth A-B BYTES    bytes a second each way, all connections together; 0 is unlimited\n"
    "  heal A-B               lift all of these\n"
    "\n"
    "The rest:\n"
    "  app 503|down|ok REGION   what the region's application answers to GET /healthz\n"
    "  control down|up          the canary of our own link\n"
    "  disk full|ok REGION      no space left on the region's disks\n"
    "\n"
    "kill, term, stop, cont and start wait until the processes are as told, at most 10 s.\n"
    "exit: 0 done; 1 failed or unsupported here, with the reason; 64 usage, unknown name\n";

static const char help_down[] =
    "usage: farshore lab down [--dir DIR]\n"
    "\n"
    "End the lab: every process of it is gone when this returns, also after a lost supervisor.\n"
    "Kept: DIR/logs. With no lab there it says so and is content.\n"
    "\n"
    "exit: 0; 1 something would not end; 64 usage\n";

static int usage_error(const char *word, const char *text)
{
    (void)fprintf(stderr, "farshore lab%s%s: %s\nTry `farshore lab%s%s --help`.\n",
                  word[0] != '\0' ? " " : "", word, text, word[0] != '\0' ? " " : "", word);
    return EXIT_USAGE;
}

static int exit_code(const struct err *err)
{
    (void)fprintf(stderr, "farshore lab: %s\n", err->text);
    return err->status == ST_INVALID ? EXIT_USAGE : 1;
}

/* What a word may be told. NULL fields: the word does not take that option. */
struct option_set {
    const char *word;
    const char **dir;
    bool *json;
    struct lab_options *up;
    const char *values[16]; /* the rest, for `fault` */
    int value_count;
    bool takes_values;
};

static bool take_number(const char *text, int *out)
{
    int64_t value = 0;

    if (text == NULL || !number_parse_i64(text, strlen(text), &value) || value < 0 ||
        value > 10000000) {
        return false;
    }
    *out = (int)value;
    return true;
}

static bool take_up_option(struct lab_options *up, const char *name, const char *value)
{
    if (strcmp(name, "--nats-server") == 0) {
        up->nats_server = value;
        return true;
    }
    if (strcmp(name, "--topology") == 0) {
        up->topology = value;
        return true;
    }
    if (strcmp(name, "--base-port") == 0) {
        return take_number(value, &up->base_port) && up->base_port > 0;
    }
    if (strcmp(name, "--rate") == 0) {
        up->has_rate = true;
        return take_number(value, &up->rate_per_s);
    }
    return take_number(value, &up->extra_streams); /* --streams */
}

static int unknown_option(const struct option_set *set, const char *name)
{
    static const char *const up_names[] = {"--dir",  "--base-port", "--nats-server", "--topology",
                                           "--rate", "--streams",   "--help"};
    static const char *const names[] = {"--dir", "--help", "--json"};
    char text[256];
    const char *nearest = set->up != NULL ? suggest_nearest(name, up_names, 7)
                                          : suggest_nearest(name, names, set->json != NULL ? 3 : 2);

    (void)snprintf(text, sizeof(text), "unknown option \"%.64s\"%s%s%s", name,
                   nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "\"?" : "");
    return usage_error(set->word, text);
}

static bool is_up_option(const char *name)
{
    return strcmp(name, "--nats-server") == 0 || strcmp(name, "--topology") == 0 ||
           strcmp(name, "--base-port") == 0 || strcmp(name, "--rate") == 0 ||
           strcmp(name, "--streams") == 0;
}

/* One option, "--name value" or "--name=value". Returns the words used, 0 on an error said. */
static int take_option(struct option_set *set, int left, char **argv)
{
    char name[32];
    char text[160];
    const char *equals = strchr(argv[0], '=');
    size_t length = equals != NULL ? (size_t)(equals - argv[0]) : strlen(argv[0]);
    const char *value = equals != NULL ? equals + 1 : (left > 1 ? argv[1] : NULL);

    (void)snprintf(name, sizeof(name), "%.*s", (int)(length < 31 ? length : 31), argv[0]);
    if (set->json != NULL && strcmp(argv[0], "--json") == 0) {
        *set->json = true;
        return 1;
    }
    bool is_dir = strcmp(name, "--dir") == 0;
    if (!is_dir && (set->up == NULL || !is_up_option(name))) {
        (void)unknown_option(set, name);
        return 0;
    }
    if (value == NULL || value[0] == '\0') {
        (void)snprintf(text, sizeof(text), "%s needs a value", name);
        (void)usage_error(set->word, text);
        return 0;
    }
    if (is_dir) {
        *set->dir = value;
    } else if (!take_up_option(set->up, name, value)) {
        (void)snprintf(text, sizeof(text), "%s: \"%.32s\" is not a valid number", name, value);
        (void)usage_error(set->word, text);
        return 0;
    }
    return equals != NULL ? 1 : 2;
}

/* False: an error was said. */
static bool take_options(struct option_set *set, int argc, char **argv)
{
    for (int i = 0; i < argc;) {
        if (strncmp(argv[i], "--", 2) == 0) {
            int used = take_option(set, argc - i, argv + i);
            if (used == 0) {
                return false;
            }
            i += used;
        } else if (set->takes_values && set->value_count < 16) {
            set->values[set->value_count++] = argv[i++];
        } else {
            char text[128];
            (void)snprintf(text, sizeof(text), "unexpected \"%.64s\"", argv[i]);
            (void)usage_error(set->word, text);
            return false;
        }
    }
    return true;
}

static int command_up(int argc, char **argv)
{
    struct lab_options options = {0};
    struct option_set set = {.word = "up", .dir = &options.dir, .up = &options};
    struct err err = {.status = ST_OK};
    char config[LAB_PATH_BYTES];

    if (!take_options(&set, argc, argv)) {
        return EXIT_USAGE;
    }
    if (lab_up(&options, config, sizeof(config), &err) != ST_OK) {
        return exit_code(&err);
    }
    (void)printf("%s\n", config);
    return fflush(stdout) == 0 ? 0 : 1;
}

static int command_status(int argc, char **argv)
{
    const char *dir = NULL;
    bool is_json = false;
    char *json = NULL;
    struct option_set set = {.word = "status", .dir = &dir, .json = &is_json};
    struct err err = {.status = ST_OK};

    if (!take_options(&set, argc, argv)) {
        return EXIT_USAGE;
    }
    if (lab_status(dir, &json, &err) != ST_OK) {
        return exit_code(&err);
    }
    if (is_json) {
        (void)printf("%s\n", json);
    } else {
        status_print(json);
    }
    free(json);
    return fflush(stdout) == 0 ? 0 : 1;
}

/* Have the processes become what the fault told them to be? */
static bool is_settled(const cJSON *status, const struct fault *fault, const char *region,
                       const char *node)
{
    const cJSON *entry = NULL;

    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(status, "nodes"))
    {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(entry, "name");
        const cJSON *of = cJSON_GetObjectItemCaseSensitive(entry, "region");
        const cJSON *pid = cJSON_GetObjectItemCaseSensitive(entry, "pid");
        if (!cJSON_IsString(name) || !cJSON_IsString(of) || !cJSON_IsNumber(pid)) {
            return true;
        }
        bool is_meant = node != NULL ? strcmp(name->valuestring, node) == 0
                                     : strcmp(of->valuestring, region) == 0;
        bool is_wanted_alive = fault->kind == FAULT_START;
        if (is_meant && (pid->valueint > 0) != is_wanted_alive) {
            return false;
        }
    }
    return true;
}

/* kill, term and start: the answer came at once, the processes take a moment. */
static int wait_settled(const char *dir, const struct fault *fault, const struct lab_layout *layout)
{
    const char *node = fault->node >= 0 ? layout->nodes[fault->node].name : NULL;
    struct timespec wait = {.tv_nsec = 20000000};

    for (int waited_ms = 0; waited_ms < SETTLE_MS; waited_ms += 20) {
        char *text = NULL;
        struct err err = {.status = ST_OK};
        if (lab_status(dir, &text, &err) != ST_OK) {
            return exit_code(&err);
        }
        cJSON *json = cJSON_Parse(text);
        bool is_done = is_settled(json, fault, layout->regions[fault->region].name, node);
        cJSON_Delete(json);
        free(text);
        if (is_done) {
            return 0;
        }
        (void)nanosleep(&wait, NULL);
    }
    (void)fprintf(stderr,
                  "farshore lab: after %d s the processes are not yet as told; see "
                  "`farshore lab status`\n",
                  SETTLE_MS / 1000);
    return 1;
}

static int command_fault(int argc, char **argv)
{
    const char *dir = NULL;
    struct option_set set = {.word = "fault", .dir = &dir, .takes_values = true};
    struct err err = {.status = ST_OK};
    struct lab_layout layout = {.dir = ""};
    struct fault fault;
    char reply[1024];

    if (!take_options(&set, argc, argv)) {
        return EXIT_USAGE;
    }
    if (lab_fault(dir, set.value_count, set.values, reply, sizeof(reply), &err) != ST_OK) {
        return exit_code(&err);
    }
    (void)printf("%s\n", reply);
    layout_build(&layout, LAB_TOPOLOGY_3_3_1); /* the lab has accepted the names */
    if (fault_parse(&layout, set.value_count, set.values, &fault, NULL) == ST_OK &&
        (fault.kind == FAULT_KILL || fault.kind == FAULT_TERM || fault.kind == FAULT_START)) {
        return wait_settled(dir, &fault, &layout);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

static int command_down(int argc, char **argv)
{
    const char *dir = NULL;
    char shown[LAB_PATH_BYTES];
    bool was_running = false;
    struct option_set set = {.word = "down", .dir = &dir};
    struct err err = {.status = ST_OK};

    if (!take_options(&set, argc, argv)) {
        return EXIT_USAGE;
    }
    if (lab_down(dir, &was_running, &err) != ST_OK) {
        return exit_code(&err);
    }
    if (dir == NULL) {
        lab_default_dir(shown, sizeof(shown));
        dir = shown;
    }
    if (was_running) {
        (void)printf("the lab in %s is down; its logs are kept in %s/logs\n", dir, dir);
    } else {
        (void)printf("no lab runs in %s\n", dir);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

static int command_supervise(int argc, char **argv)
{
    return argc == 1 ? supervisor_main(argv[0]) : EXIT_USAGE;
}

static int command_worker(int argc, char **argv)
{
    struct err err = {.status = ST_OK};
    int number = 0;

    if (argc == 4 && strcmp(argv[0], "run") == 0 && take_number(argv[3], &number)) {
        struct lab_worker worker = {.publish_urls = argv[1],
                                    .consume_urls = argv[2],
                                    .user = "app",
                                    .password = "app",
                                    .rate_per_s = number};
        return lab_worker_run(&worker);
    }
    if (argc == 3 && strcmp(argv[0], "provision") == 0 && take_number(argv[2], &number)) {
        struct lab_provision provision = {.urls = argv[1],
                                          .user = "app",
                                          .password = "app",
                                          .origin_cluster = "rg1",
                                          .mirror_cluster = "rg2",
                                          .replicas = 3,
                                          .extra_streams = number};
        enum fs_status status = lab_provision_run(&provision, &err);
        if (status != ST_OK) {
            (void)printf("%s\n", err.text);
            (void)fflush(stdout);
        }
        _exit((int)status); /* nats.c's threads may still stand in a call */
    }
    return EXIT_USAGE;
}

static int command_disk(int argc, char **argv)
{
    return argc == 1 ? disk_holder_main(argv[0]) : EXIT_USAGE;
}

struct lab_word {
    const char *name;
    const char *help; /* NULL: farshore's own */
    int (*run)(int argc, char **argv);
};

static const struct lab_word words[] = {
    {.name = "up", .help = help_up, .run = command_up},
    {.name = "status", .help = help_status, .run = command_status},
    {.name = "fault", .help = help_fault, .run = command_fault},
    {.name = "down", .help = help_down, .run = command_down},
    {.name = "supervise", .help = NULL, .run = command_supervise},
    {.name = "worker", .help = NULL, .run = command_worker},
    {.name = "disk", .help = NULL, .run = command_disk},
};

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static int unknown_word(const char *word)
{
    static const char *const names[] = {"up", "status", "fault", "down"};
    char text[160];
    const char *nearest = suggest_nearest(word, names, 4);

    (void)snprintf(text, sizeof(text), "unknown word \"%.64s\"%s%s%s", word,
                   nearest != NULL ? "; did you mean \"" : "; there are up, status, fault, down",
                   nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
    return usage_error("", text);
}

int lab_command(int argc, char **argv)
{
    if (argc < 2) {
        return usage_error("", "which word? there are up, status, fault, down");
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        (void)fputs(help_lab, stdout);
        return 0;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(argv[1], words[i].name) != 0) {
            continue;
        }
        if (words[i].help != NULL && asks_for_help(argc - 2, argv + 2)) {
            (void)fputs(words[i].help, stdout);
            return 0;
        }
        return words[i].run(argc - 2, argv + 2);
    }
    return unknown_word(argv[1]);
}
