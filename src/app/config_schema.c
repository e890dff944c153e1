/*
 * config_schema.c - every key that a configuration may hold.
 *
 * Why:   one place says what exists, so that checking, help and tests cannot disagree.
 * How:   tables from the leaves up; C needs the inner ones first.
 * Rules: a new key is one line here and one member in config_types.h.
 * See:   docs/CONFIG.md; config_parse.c walks these.
 */
#include "config_schema.h"

#include "farshore/base/duration.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define AT(type, member) offsetof(struct type, member)

static const char *const provider_words[] = {"powerdns", "rfc2136", "route53", "cloudflare"};
const struct name_table config_provider_types = {provider_words, COUNT(provider_words)};

static const char *const record_words[] = {"A", "AAAA", "CNAME"};
const struct name_table config_record_types = {record_words, COUNT(record_words)};

/* Roles that a file may give; the enumeration's fourth word means "not configured". */
static const char *const role_words[] = {"primary", "standby", "arbiter"};
static const struct name_table roles = {role_words, COUNT(role_words)};

#define FROM(key, member, from, text)                                                              \
    {                                                                                              \
        .name = key, .kind = KIND_SECRET, .source = from, .offset = AT(config_login, member),      \
        .help = text                                                                               \
    }

static const struct config_key login_keys[] = {
    FROM("user", user, SECRET_INLINE, "user name"),
    FROM("user_file", user, SECRET_FILE, "file that holds the user name"),
    FROM("user_env", user, SECRET_ENV, "variable that holds the user name"),
    FROM("user_command", user, SECRET_COMMAND, "command that prints the user name"),
    FROM("password", password, SECRET_INLINE, "password; only in a file of mode 0600"),
    FROM("password_file", password, SECRET_FILE, "file (0600) that holds the password"),
    FROM("password_env", password, SECRET_ENV, "variable that holds the password"),
    FROM("password_command", password, SECRET_COMMAND, "command that prints the password"),
    FROM("token", token, SECRET_INLINE, "token; only in a file of mode 0600"),
    FROM("token_file", token, SECRET_FILE, "file (0600) that holds the token"),
    FROM("token_env", token, SECRET_ENV, "variable that holds the token"),
    FROM("token_command", token, SECRET_COMMAND, "command that prints the token"),
    FROM("nkey_file", nkey, SECRET_FILE, "file (0600) with an nkey seed"),
    FROM("nkey_env", nkey, SECRET_ENV, "variable with an nkey seed"),
    FROM("nkey_command", nkey, SECRET_COMMAND, "command that prints an nkey seed"),
    FROM("creds_file", creds, SECRET_FILE, "creds file (0600): JWT and seed"),
    FROM("creds_env", creds, SECRET_ENV, "variable with the text of a creds file"),
    FROM("creds_command", creds, SECRET_COMMAND, "command that prints a creds file"),
};
static const struct config_map view_map = {"view", login_keys, COUNT(login_keys),
                                           sizeof(struct config_login)};
static const struct config_map observe_map = {"observe", login_keys, COUNT(login_keys),
                                              sizeof(struct config_login)};
static const struct config_map sys_map = {"sys", login_keys, COUNT(login_keys),
                                          sizeof(struct config_login)};
static const struct config_map app_map = {"app", login_keys, COUNT(login_keys),
                                          sizeof(struct config_login)};

static const struct config_key operator_keys[] = {
    {.name = "sys",
     .kind = KIND_MAP,
     .offset = AT(config_operator, sys),
     .map = &sys_map,
     .help = "login of the system account"},
    {.name = "app",
     .kind = KIND_MAP,
     .offset = AT(config_operator, app),
     .map = &app_map,
     .help = "login of the account that owns the streams"},
};
static const struct config_map operator_map = {"operator", operator_keys, COUNT(operator_keys),
                                               sizeof(struct config_operator)};

static const struct config_key tls_keys[] = {
    {.name = "ca",
     .kind = KIND_PATH,
     .offset = AT(config_tls, ca),
     .help = "PEM file with the CAs to trust"},
    {.name = "cert",
     .kind = KIND_PATH,
     .offset = AT(config_tls, cert),
     .help = "PEM file with the client's certificate"},
    {.name = "key",
     .kind = KIND_PATH,
     .offset = AT(config_tls, key),
     .help = "PEM file (0600) with its key"},
};
static const struct config_map tls_map = {"tls", tls_keys, COUNT(tls_keys),
                                          sizeof(struct config_tls)};

static const struct config_key nats_keys[] = {
    {.name = "urls",
     .kind = KIND_LIST,
     .item = KIND_NATS_URL,
     .offset = AT(config_nats, urls),
     .help = "servers of this region; give urls or context"},
    {.name = "context",
     .kind = KIND_NAME,
     .offset = AT(config_nats, context),
     .place_offset = AT(config_nats, context_place),
     .help = "a context of the nats CLI; give urls or context"},
    {.name = "tls",
     .kind = KIND_MAP,
     .offset = AT(config_nats, tls),
     .map = &tls_map,
     .help = "certificates"},
    {.name = "view",
     .kind = KIND_MAP,
     .offset = AT(config_nats, view),
     .map = &view_map,
     .help = "login of the console: system account, read only"},
    {.name = "observe",
     .kind = KIND_MAP,
     .offset = AT(config_nats, observe),
     .map = &observe_map,
     .help = "login for the state bucket and the write probe, nothing else"},
    {.name = "operator",
     .kind = KIND_MAP,
     .offset = AT(config_nats, operator_login),
     .map = &operator_map,
     .help = "logins that can change things; opened only when armed"},
};
static const struct config_map nats_map = {"nats", nats_keys, COUNT(nats_keys),
                                           sizeof(struct config_nats)};

static const struct config_key probe_keys[] = {
    {.name = "name",
     .kind = KIND_NAME,
     .is_required = true,
     .offset = AT(config_probe, name),
     .help = "what screens call it"},
    {.name = "url",
     .kind = KIND_WEB_URL,
     .is_required = true,
     .offset = AT(config_probe, url),
     .help = "what is asked with GET"},
    {.name = "expect",
     .kind = KIND_INT,
     .offset = AT(config_probe, expect),
     .least = 100,
     .most = 599,
     .help = "HTTP status of a healthy answer (200)"},
    {.name = "pin",
     .kind = KIND_ADDRESS,
     .offset = AT(config_probe, pin),
     .help = "address to ask, past DNS"},
};
static const struct config_map probe_map = {"probes", probe_keys, COUNT(probe_keys),
                                            sizeof(struct config_probe)};

static const struct config_key region_keys[] = {
    {.name = "name",
     .kind = KIND_NAME,
     .is_required = true,
     .offset = AT(config_region, name),
     .help = "the region, and its NATS cluster"},
    {.name = "role",
     .kind = KIND_WORD,
     .is_required = true,
     .offset = AT(config_region, role),
     .words = &roles,
     .help = "primary, standby or arbiter"},
    {.name = "nats",
     .kind = KIND_MAP,
     .is_required = true,
     .offset = AT(config_region, nats),
     .map = &nats_map,
     .help = "how to reach its servers"},
    {.name = "probes",
     .kind = KIND_ROWS,
     .offset = AT(config_region, probes),
     .map = &probe_map,
     .help = "HTTP witnesses of the region"},
};
static const struct config_map region_map = {"regions", region_keys, COUNT(region_keys),
                                             sizeof(struct config_region)};

static const struct config_key control_keys[] = {
    {.name = "name",
     .kind = KIND_NAME,
     .is_required = true,
     .offset = AT(config_control, name),
     .help = "what screens call it"},
    {.name = "tcp",
     .kind = KIND_HOST_PORT,
     .is_required = true,
     .offset = AT(config_control, tcp),
     .help = "host:port that answers whenever our own link works"},
};
static const struct config_map control_map = {"controls", control_keys, COUNT(control_keys),
                                              sizeof(struct config_control)};

static const struct config_key verdict_keys[] = {
    {.name = "hold",
     .kind = KIND_DURATION,
     .offset = AT(config_verdict, hold_ns),
     .least = NS_PER_S,
     .help = "how long all must be silent before DOWN (60s)"},
    {.name = "clear",
     .kind = KIND_DURATION,
     .offset = AT(config_verdict, clear_ns),
     .least = NS_PER_S,
     .help = "how long all must be well before OK again (120s)"},
};
static const struct config_map verdict_map = {"verdict", verdict_keys, COUNT(verdict_keys),
                                              sizeof(struct config_verdict)};

#define OBJECTIVE(key, member, text)                                                               \
    {                                                                                              \
        .name = key, .kind = KIND_DURATION, .offset = AT(config_objectives, member),               \
        .least = NS_PER_S, .help = text                                                            \
    }

static const struct config_key objective_keys[] = {
    OBJECTIVE("api_rto", api_rto_ns, "the API answers again within (5m)"),
    OBJECTIVE("stream_rto", stream_rto_ns, "streams take writes again within (15m)"),
    OBJECTIVE("rpo", rpo_ns, "data may be lost of at most (5m)"),
    OBJECTIVE("lag_warn", lag_warn_ns, "a mirror further behind is a warning (3m)"),
    {.name = "accept_loss",
     .kind = KIND_LIST,
     .item = KIND_STREAM,
     .offset = AT(config_objectives, accept_loss),
     .help = "account/stream of the primary that need no mirror; a last * takes any ending"},
};
static const struct config_map objectives_map = {
    "objectives", objective_keys, COUNT(objective_keys), sizeof(struct config_objectives)};

static const struct config_key lock_keys[] = {
    {.name = "region",
     .kind = KIND_NAME,
     .is_required = true,
     .offset = AT(config_lock, region),
     .help = "where lock and state live (the standby)"},
};
static const struct config_map lock_map = {"lock", lock_keys, COUNT(lock_keys),
                                           sizeof(struct config_lock)};

static const struct config_key verify_keys[] = {
    {.name = "publish_subject",
     .kind = KIND_SUBJECT,
     .offset = AT(config_verify, publish_subject),
     .help = "subject of a real publish after a promotion, or null"},
};
static const struct config_map verify_map = {"verify", verify_keys, COUNT(verify_keys),
                                             sizeof(struct config_verify)};

#define PROVIDER_FROM(key, member, from, text)                                                     \
    {                                                                                              \
        .name = key, .kind = KIND_SECRET, .source = from, .offset = AT(config_provider, member),   \
        .help = text                                                                               \
    }

static const struct config_key provider_keys[] = {
    {.name = "name",
     .kind = KIND_NAME,
     .is_required = true,
     .offset = AT(config_provider, name),
     .help = "what records call it"},
    {.name = "type",
     .kind = KIND_WORD,
     .is_required = true,
     .offset = AT(config_provider, type),
     .words = &config_provider_types,
     .help = "powerdns, rfc2136, route53 or cloudflare"},
    {.name = "url",
     .kind = KIND_PROVIDER_URL,
     .offset = AT(config_provider, url),
     .help = "its API; dns://host[:port] for rfc2136"},
    {.name = "zone",
     .kind = KIND_TEXT,
     .offset = AT(config_provider, zone),
     .help = "zone: its name or the provider's id of it"},
    {.name = "key_name",
     .kind = KIND_TEXT,
     .offset = AT(config_provider, key_name),
     .help = "name of the TSIG key (rfc2136)"},
    PROVIDER_FROM("key_file", key, SECRET_FILE, "file (0600) with the API key"),
    PROVIDER_FROM("key_env", key, SECRET_ENV, "variable with the API key"),
    PROVIDER_FROM("key_command", key, SECRET_COMMAND, "command that prints the API key"),
    PROVIDER_FROM("secret_file", secret, SECRET_FILE, "file (0600) with the second half of a key"),
    PROVIDER_FROM("secret_env", secret, SECRET_ENV, "variable with the second half of a key"),
    PROVIDER_FROM("secret_command", secret, SECRET_COMMAND, "command that prints that half"),
};
static const struct config_map provider_map = {"providers", provider_keys, COUNT(provider_keys),
                                               sizeof(struct config_provider)};

static const struct config_key record_keys[] = {
    {.name = "name",
     .kind = KIND_DOMAIN,
     .is_required = true,
     .offset = AT(config_record, name),
     .help = "full name with its last dot"},
    {.name = "type",
     .kind = KIND_WORD,
     .is_required = true,
     .offset = AT(config_record, type),
     .words = &config_record_types,
     .help = "A, AAAA or CNAME"},
    {.name = "provider",
     .kind = KIND_NAME,
     .is_required = true,
     .offset = AT(config_record, provider),
     .place_offset = AT(config_record, provider_place),
     .help = "name of a provider above"},
    {.name = "targets",
     .kind = KIND_TARGETS,
     .is_required = true,
     .offset = AT(config_record, targets),
     .help = "the only values that a flip may ever write, by region"},
};
static const struct config_map record_map = {"records", record_keys, COUNT(record_keys),
                                             sizeof(struct config_record)};

static const struct config_key dns_keys[] = {
    {.name = "resolvers",
     .kind = KIND_LIST,
     .item = KIND_RESOLVER,
     .offset = AT(config_dns, resolvers),
     .help = "who is asked what the world sees"},
    {.name = "providers",
     .kind = KIND_ROWS,
     .offset = AT(config_dns, providers),
     .map = &provider_map,
     .help = "who serves the records"},
    {.name = "records",
     .kind = KIND_ROWS,
     .offset = AT(config_dns, records),
     .map = &record_map,
     .help = "what a flip may change"},
};
static const struct config_map dns_map = {"dns", dns_keys, COUNT(dns_keys),
                                          sizeof(struct config_dns)};

#define SECTION(key, member, table, text)                                                          \
    {                                                                                              \
        .name = key, .kind = KIND_MAP, .offset = AT(config, member), .map = &(table), .help = text \
    }

static const struct config_key top_keys[] = {
    {.name = "version",
     .kind = KIND_INT,
     .is_required = true,
     .offset = AT(config, version),
     .least = 1,
     .most = 1,
     .help = "of this format: 1"},
    {.name = "name",
     .kind = KIND_TEXT,
     .offset = AT(config, name),
     .help = "what screens call this place (the file's name)"},
    {.name = "interval",
     .kind = KIND_DURATION,
     .offset = AT(config, interval_ns),
     .least = 250 * NS_PER_MS,
     .most = NS_PER_MINUTE,
     .help = "how often servers are asked (1s)"},
    {.name = "regions",
     .kind = KIND_ROWS,
     .is_required = true,
     .offset = AT(config, regions),
     .map = &region_map,
     .help = "the regions, at most 16"},
    {.name = "controls",
     .kind = KIND_ROWS,
     .offset = AT(config, controls),
     .map = &control_map,
     .help = "canaries of our own link"},
    SECTION("verdict", verdict, verdict_map, "patience before a verdict"),
    SECTION("objectives", objectives, objectives_map, "what a failover must keep to"),
    SECTION("lock", lock, lock_map, "where the lock of actions lives"),
    SECTION("verify", verify, verify_map, "how a promotion is verified"),
    SECTION("dns", dns, dns_map, "what users are told"),
    {.name = "kubernetes",
     .kind = KIND_RESERVED,
     .offset = AT(config, kubernetes),
     .help = "reserved; not yet used"},
};
const struct config_map config_schema = {"the file", top_keys, COUNT(top_keys),
                                         sizeof(struct config)};
