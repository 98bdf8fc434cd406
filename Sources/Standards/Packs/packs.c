#include "packs.h"

static const unsigned char CN_2018_method_choice[] = {
#embed "CN-2018-method-choice.yaml"
};

static const unsigned char CN_2018_vehicle_checks[] = {
#embed "CN-2018-vehicle-checks.yaml"
};

static const unsigned char GB18285_2005_ASM[] = {
#embed "GB18285-2005-ASM.yaml"
};

static const unsigned char GB18285_2018_ASM[] = {
#embed "GB18285-2018-ASM.yaml"
};

static const unsigned char GB18285_2018_ASM_limits[] = {
#embed "GB18285-2018-ASM-limits.yaml"
};

static const unsigned char GB18285_2018_TSI[] = {
#embed "GB18285-2018-TSI.yaml"
};

static const unsigned char GB18285_2018_TSI_limits[] = {
#embed "GB18285-2018-TSI-limits.yaml"
};

static const unsigned char GB18285_2018_VMAS[] = {
#embed "GB18285-2018-VMAS.yaml"
};

static const unsigned char GB18285_2018_VMAS_limits[] = {
#embed "GB18285-2018-VMAS-limits.yaml"
};

static const unsigned char GB36886_2018_non_road[] = {
#embed "GB36886-2018-non-road.yaml"
};

static const unsigned char GB36886_2018_non_road_limits[] = {
#embed "GB36886-2018-non-road-limits.yaml"
};

static const unsigned char GB3847_2005_free_acceleration[] = {
#embed "GB3847-2005-free-acceleration.yaml"
};

static const unsigned char GB3847_2005_free_acceleration_limits[] = {
#embed "GB3847-2005-free-acceleration-limits.yaml"
};

static const unsigned char GB3847_2005_lug_down[] = {
#embed "GB3847-2005-lug-down.yaml"
};

static const unsigned char GB3847_2018_free_acceleration[] = {
#embed "GB3847-2018-free-acceleration.yaml"
};

static const unsigned char GB3847_2018_free_acceleration_limits[] = {
#embed "GB3847-2018-free-acceleration-limits.yaml"
};

static const unsigned char GB3847_2018_lug_down[] = {
#embed "GB3847-2018-lug-down.yaml"
};

static const unsigned char GB3847_2018_lug_down_limits[] = {
#embed "GB3847-2018-lug-down-limits.yaml"
};

static const unsigned char GB3847_2018_roadside_limits[] = {
#embed "GB3847-2018-roadside-limits.yaml"
};

static const unsigned char GB3847_2018_until_2020_06_lug_down_limits[] = {
#embed "GB3847-2018-until-2020-06-lug-down-limits.yaml"
};

static const unsigned char HJ1237_2021_checks[] = {
#embed "HJ1237-2021-checks.yaml"
};

static const unsigned char SAE_J1667_free_acceleration[] = {
#embed "SAE-J1667-free-acceleration.yaml"
};

static const unsigned char SAE_J1667_free_acceleration_limits[] = {
#embed "SAE-J1667-free-acceleration-limits.yaml"
};

static const unsigned char UK_MOT_free_acceleration[] = {
#embed "UK-MOT-free-acceleration.yaml"
};

static const unsigned char UK_MOT_free_acceleration_limits[] = {
#embed "UK-MOT-free-acceleration-limits.yaml"
};

static const unsigned char delivery[] = {
#embed "delivery.yaml"
};

static const struct embedded_pack packs[] = {
    {"CN-2018-method-choice", CN_2018_method_choice, sizeof CN_2018_method_choice},
    {"CN-2018-vehicle-checks", CN_2018_vehicle_checks, sizeof CN_2018_vehicle_checks},
    {"GB18285-2005-ASM", GB18285_2005_ASM, sizeof GB18285_2005_ASM},
    {"GB18285-2018-ASM", GB18285_2018_ASM, sizeof GB18285_2018_ASM},
    {"GB18285-2018-ASM-limits", GB18285_2018_ASM_limits, sizeof GB18285_2018_ASM_limits},
    {"GB18285-2018-TSI", GB18285_2018_TSI, sizeof GB18285_2018_TSI},
    {"GB18285-2018-TSI-limits", GB18285_2018_TSI_limits, sizeof GB18285_2018_TSI_limits},
    {"GB18285-2018-VMAS", GB18285_2018_VMAS, sizeof GB18285_2018_VMAS},
    {"GB18285-2018-VMAS-limits", GB18285_2018_VMAS_limits, sizeof GB18285_2018_VMAS_limits},
    {"GB36886-2018-non-road", GB36886_2018_non_road, sizeof GB36886_2018_non_road},
    {"GB36886-2018-non-road-limits", GB36886_2018_non_road_limits, sizeof GB36886_2018_non_road_limits},
    {"GB3847-2005-free-acceleration", GB3847_2005_free_acceleration, sizeof GB3847_2005_free_acceleration},
    {"GB3847-2005-free-acceleration-limits", GB3847_2005_free_acceleration_limits, sizeof GB3847_2005_free_acceleration_limits},
    {"GB3847-2005-lug-down", GB3847_2005_lug_down, sizeof GB3847_2005_lug_down},
    {"GB3847-2018-free-acceleration", GB3847_2018_free_acceleration, sizeof GB3847_2018_free_acceleration},
    {"GB3847-2018-free-acceleration-limits", GB3847_2018_free_acceleration_limits, sizeof GB3847_2018_free_acceleration_limits},
    {"GB3847-2018-lug-down", GB3847_2018_lug_down, sizeof GB3847_2018_lug_down},
    {"GB3847-2018-lug-down-limits", GB3847_2018_lug_down_limits, sizeof GB3847_2018_lug_down_limits},
    {"GB3847-2018-roadside-limits", GB3847_2018_roadside_limits, sizeof GB3847_2018_roadside_limits},
    {"GB3847-2018-until-2020-06-lug-down-limits", GB3847_2018_until_2020_06_lug_down_limits, sizeof GB3847_2018_until_2020_06_lug_down_limits},
    {"HJ1237-2021-checks", HJ1237_2021_checks, sizeof HJ1237_2021_checks},
    {"SAE-J1667-free-acceleration", SAE_J1667_free_acceleration, sizeof SAE_J1667_free_acceleration},
    {"SAE-J1667-free-acceleration-limits", SAE_J1667_free_acceleration_limits, sizeof SAE_J1667_free_acceleration_limits},
    {"UK-MOT-free-acceleration", UK_MOT_free_acceleration, sizeof UK_MOT_free_acceleration},
    {"UK-MOT-free-acceleration-limits", UK_MOT_free_acceleration_limits, sizeof UK_MOT_free_acceleration_limits},
    {"delivery", delivery, sizeof delivery},
    {NULL, NULL, 0},
};

const struct embedded_pack *embedded_packs(void) { return packs; }
