#include "reference.h"

#include <math.h>

/// Saturation pressure of water in kPa, Wagner and Pruss 1992.
static double saturation_pressure(double celsius) {
    const double critical = 647.096;
    double kelvin = celsius + 273.15;
    double tau = 1 - kelvin / critical;
    double root = sqrt(tau);
    double cube = tau * tau * tau;
    double series = -7.85951783 * tau + 1.84408259 * tau * root - 11.7866497 * cube + 22.6807411 * cube * root -
                    15.9618719 * cube * tau + 1.80122502 * cube * cube * tau * root;
    return 22064 * exp(critical / kelvin * series);
}

int reference_asm(
    const struct reference_second *seconds, size_t count, const struct reference_constants *constants,
    double last[3]) {
    enum { longest = 64 };
    double ring[longest][3];
    int length = constants->window < longest ? constants->window : longest;
    int held = 0, means = 0;
    for (size_t index = 0; index < count; index++) {
        const struct reference_second *second = &seconds[index];
        double x = second->co2 / (second->co2 + second->co);
        double dilution = 100 * x / (constants->fuel + constants->carbon * x) / second->co2;
        if (dilution > constants->cap) dilution = constants->cap;
        double vapour = saturation_pressure(second->temperature);
        double water =
            constants->ratio * second->humidity * vapour / (second->pressure - vapour * second->humidity / 100);
        double factor = 1 / (1 - constants->slope * (water - constants->reference_humidity));
        double *place = ring[index % (size_t)length];
        place[0] = second->co * dilution;
        place[1] = second->hc * dilution;
        place[2] = second->no * dilution * factor;
        if (held < length) held++;
        if (held < length) continue;
        for (int gas = 0; gas < 3; gas++) {
            double sum = 0;
            for (int back = length - 1; back >= 0; back--) sum += ring[(index - (size_t)back) % (size_t)length][gas];
            last[gas] = sum / length;
        }
        means++;
    }
    return means;
}
