// addon_napi: node-addon-api as the addon_*.cc files use it. Nothing else in native/ knows Node.
#pragma once

#include <napi.h>
