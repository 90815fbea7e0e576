#pragma once

#include <map>
#include <string>

#include "core/contract/config_files.h"
#include "core/contract/paths.h"

namespace millrace {

/// The training program's side of core/contract/config_files.h: what the platform wrote before it
/// started. Each function throws Error(Platform) when the file cannot be read and Error(Customer)
/// naming file and member when its content is not as agreed.
std::map<std::string, std::string> read_hyperparameters(const ContractPaths& paths);
/// By channel name.
std::map<std::string, ChannelConfig> read_input_data_config(const ContractPaths& paths);
/// One host, algo-1, when the file does not exist, as where a program is run by hand.
ResourceConfig read_resource_config(const ContractPaths& paths);

}  // namespace millrace
