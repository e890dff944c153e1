/*
 * config_check.c - what the keys of a configuration must be to each other.
 *
 * Why:   a name that refers to nothing is found when it is needed, which is too late.
 * How:   one function a rule; each adds problems at the place of the value that is wrong.
 * Rules: pure. Rows may be incomplete (a member is NULL) after an error of its own.
 * See:   docs/CONFIG.md
 */
#include <arpa/inet.h>
#include <string.h>

#include "config.h"
#include "config_schema.h"
#include "farshore/base/duration.h"
#include "farshore/base/suggest.h"

static const struct config_region *region_at(const struct config *config, size_t index)
{
    const struct config_region *rows = config->regions.rows;
    return &rows[index];
}

static bool is_region(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->regions.count; i++) {
        const char *have = region_at(config, i)->name;
        if (have != NULL && strcmp(have, name) == 0) {
            return true;
        }
    }
    return false;
}

static void need_region(const struct config *config, struct config_problems *problems,
                        struct config_place place, const char *what, const char *name)
{
    if (name == NULL || is_region(config, name)) {
        return;
    }
    const char *names[CONFIG_MAX_REGIONS];
    size_t count = 0;
    for (size_t i = 0; i < config->regions.count && count < CONFIG_MAX_REGIONS; i++) {
        if (region_at(config, i)->name != NULL) {
            names[count++] = region_at(config, i)->name;
        }
    }
    const char *near = suggest_nearest(name, names, count);
    config_problem_add(problems, CONFIG_ERROR, place, "%s: no region is called \"%s\"%s%s%s", what,
                       name, near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                       near != NULL ? "\"?" : "");
}

static void check_login(const struct config_login *login, const char *what,
                        struct config_problems *problems)
{
    if (login->place.line == 0) {
        return;
    }
    int ways = (login->user.source != SECRET_NONE || login->password.source != SECRET_NONE) +
               (login->token.source != SECRET_NONE) + (login->nkey.source != SECRET_NONE) +
               (login->creds.source != SECRET_NONE);
    if (ways == 0) {
        config_problem_add(problems, CONFIG_ERROR, login->place,
                           "%s: a login needs user and password, token, nkey or creds", what);
    } else if (ways > 1) {
        config_problem_add(problems, CONFIG_ERROR, login->place,
                           "%s: several kinds of login; keep one of user, token, nkey, creds",
                           what);
    } else if ((login->user.source == SECRET_NONE) != (login->password.source == SECRET_NONE)) {
        config_problem_add(problems, CONFIG_ERROR, login->place,
                           "%s: user and password go together, one is missing", what);
    }
}

static void check_nats(const struct config_nats *nats, struct config_problems *problems)
{
    if (nats->place.line == 0) {
        return;
    }
    if (nats->urls.count == 0 && nats->context == NULL && nats->context_place.line == 0 &&
        nats->urls.rows == NULL) {
        config_problem_add(problems, CONFIG_ERROR, nats->place,
                           "nats: give urls, or context: NAME of the nats CLI");
    }
    if (nats->urls.rows != NULL && nats->context != NULL) {
        config_problem_add(problems, CONFIG_ERROR, nats->context_place,
                           "nats: give either urls or context, not both");
    }
    check_login(&nats->view, "view", problems);
    check_login(&nats->observe, "observe", problems);
    check_login(&nats->operator_login.sys, "operator.sys", problems);
    check_login(&nats->operator_login.app, "operator.app", problems);
    if ((nats->tls.cert == NULL) != (nats->tls.key == NULL)) {
        config_problem_add(problems, CONFIG_ERROR, nats->tls.place,
                           "tls: cert and key go together, one is missing");
    }
}

static void check_names(const struct config *config, struct config_problems *problems)
{
    for (size_t i = 0; i < config->regions.count; i++) {
        const struct config_region *region = region_at(config, i);
        for (size_t k = 0; k < i && region->name != NULL; k++) {
            const struct config_region *other = region_at(config, k);
            if (other->name != NULL && strcmp(other->name, region->name) == 0) {
                config_problem_add(problems, CONFIG_ERROR, region->place,
                                   "region \"%s\" is already on line %u", region->name,
                                   other->place.line);
                break;
            }
        }
    }
}

static void check_roles(const struct config *config, struct config_problems *problems)
{
    const struct config_region *primary = NULL;
    size_t standbys = 0;
    for (size_t i = 0; i < config->regions.count; i++) {
        const struct config_region *region = region_at(config, i);
        if (region->role == ROLE_STANDBY) {
            standbys++;
        } else if (region->role == ROLE_PRIMARY && region->name != NULL) {
            if (primary != NULL) {
                config_problem_add(problems, CONFIG_ERROR, region->place,
                                   "a second primary; the first one is on line %u",
                                   primary->place.line);
            }
            primary = region;
        }
    }
    if (standbys != 1 && config->lock.region == NULL && config->regions.count > 1) {
        config_problem_add(problems, CONFIG_WARNING, config->place,
                           "%zu standby regions: lock.region must say where the lock lives",
                           standbys);
    }
}

static void check_regions(const struct config *config, struct config_problems *problems)
{
    if (config->regions.count > CONFIG_MAX_REGIONS) {
        config_problem_add(problems, CONFIG_ERROR, region_at(config, CONFIG_MAX_REGIONS)->place,
                           "%zu regions; at most %d are possible", config->regions.count,
                           CONFIG_MAX_REGIONS);
    }
    check_names(config, problems);
    check_roles(config, problems);
    for (size_t i = 0; i < config->regions.count; i++) {
        check_nats(&region_at(config, i)->nats, problems);
    }
}

static void check_values(const struct config_record *record, const struct config_target *target,
                         struct config_problems *problems)
{
    static const enum config_kind by_type[] = {KIND_ADDRESS, KIND_ADDRESS, KIND_DOMAIN};
    const char *const *values = target->values.rows;
    for (size_t i = 0; i < target->values.count; i++) {
        const char *problem =
            config_value_problem(by_type[record->type], values[i], strlen(values[i]));
        bool is_v6 = strchr(values[i], ':') != NULL;
        if (problem == NULL && record->type < 2 && is_v6 != (record->type == 1)) {
            problem = record->type == 1 ? "an AAAA record takes IPv6" : "an A record takes IPv4";
        }
        if (problem != NULL) {
            config_problem_add(problems, CONFIG_ERROR, target->place,
                               "targets: \"%.60s\" does not fit a record of type %s: %s", values[i],
                               config_record_types.words[record->type], problem);
        }
    }
    if (record->type == 2 && target->values.count > 1) {
        config_problem_add(problems, CONFIG_ERROR, target->place,
                           "targets: a CNAME has exactly one value");
    }
}

static void check_record(const struct config *config, const struct config_record *record,
                         struct config_problems *problems)
{
    const struct config_provider *providers = config->dns.providers.rows;
    const char *names[CONFIG_MAX_ROWS];
    size_t count = 0;
    bool is_found = record->provider == NULL;
    for (size_t i = 0; i < config->dns.providers.count; i++) {
        if (providers[i].name != NULL) {
            names[count++] = providers[i].name;
            is_found = is_found || strcmp(providers[i].name, record->provider) == 0;
        }
    }
    if (!is_found) {
        const char *near = suggest_nearest(record->provider, names, count);
        config_problem_add(problems, CONFIG_ERROR, record->provider_place,
                           "provider: none is called \"%s\"%s%s%s", record->provider,
                           near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                           near != NULL ? "\"?" : "");
    }
    const struct config_target *targets = record->targets.rows;
    for (size_t i = 0; i < record->targets.count; i++) {
        need_region(config, problems, targets[i].place, "targets", targets[i].region);
        check_values(record, &targets[i], problems);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(targets[k].region, targets[i].region) == 0) {
                config_problem_add(problems, CONFIG_ERROR, targets[i].place,
                                   "targets: \"%s\" is already on line %u", targets[i].region,
                                   targets[k].place.line);
                break;
            }
        }
    }
}

static void check_providers(const struct config_dns *dns, struct config_problems *problems)
{
    const struct config_provider *rows = dns->providers.rows;
    for (size_t i = 0; i < dns->providers.count; i++) {
        for (size_t k = 0; k < i && rows[i].name != NULL; k++) {
            if (rows[k].name != NULL && strcmp(rows[k].name, rows[i].name) == 0) {
                config_problem_add(problems, CONFIG_ERROR, rows[i].place,
                                   "provider \"%s\" is already on line %u", rows[i].name,
                                   rows[k].place.line);
                break;
            }
        }
        bool needs_url = rows[i].type < 2; /* powerdns, rfc2136: nobody knows where they are */
        if (needs_url && rows[i].url == NULL) {
            config_problem_add(problems, CONFIG_ERROR, rows[i].place,
                               "providers: type %s needs a url",
                               config_provider_types.words[rows[i].type]);
        }
    }
}

static void add_note(struct config_problems *problems, struct config_place place, const char *what)
{
    if (place.line != 0) {
        config_problem_add(problems, CONFIG_NOTE, place,
                           "\"%s\" is checked, but this version does not use it yet", what);
    }
}

static void add_notes(const struct config *config, struct config_problems *problems)
{
    if (config->kubernetes.line != 0) {
        config_problem_add(problems, CONFIG_WARNING, config->kubernetes,
                           "\"kubernetes\" is reserved: it is not looked into and not yet used");
    }
    const struct config_control *controls = config->controls.rows;
    if (config->controls.count > 0) {
        add_note(problems, controls[0].place, "controls");
    }
    add_note(problems, config->dns.place, "dns");
    add_note(problems, config->verify.place, "verify");
}

void config_cross_check(const struct config *config, struct config_problems *problems)
{
    check_regions(config, problems);
    need_region(config, problems, config->lock.place, "lock.region", config->lock.region);
    check_providers(&config->dns, problems);
    const struct config_record *records = config->dns.records.rows;
    for (size_t i = 0; i < config->dns.records.count; i++) {
        check_record(config, &records[i], problems);
    }
    if (config->verdict.clear_ns > 0 && config->verdict.hold_ns > 24 * 60 * NS_PER_MINUTE) {
        config_problem_add(problems, CONFIG_WARNING, config->verdict.place,
                           "verdict.hold is longer than a day");
    }
    add_notes(config, problems);
}
