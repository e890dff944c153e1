/*
 * series.c - a number each five seconds, for differences against a minute ago.
 */
#include <string.h>

#include "model_impl.h"

void series_add(struct series *series, int64_t mono_ns, int64_t value)
{
    int64_t step = mono_ns / STEP_NS;
    if (series->count == 0 || step - series->step >= SERIES) {
        series->values[SERIES - 1] = value;
        series->step = step;
        series->count = 1;
        return;
    }
    int64_t previous = series->values[SERIES - 1];
    for (; series->step < step; series->step++) {
        memmove(series->values, series->values + 1, (SERIES - 1) * sizeof(series->values[0]));
        series->values[SERIES - 1] = previous;
        series->count += series->count < SERIES ? 1 : 0;
    }
    series->values[SERIES - 1] = value;
}

int64_t series_delta(const struct series *series)
{
    return series->count == SERIES ? series->values[SERIES - 1] - series->values[0] : 0;
}
