#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "generated/aws/control/types.h"

namespace millrace::catalog {

/// What the sandbox of a job or of a model's server runs.
struct Program {
  std::vector<std::string> command;
  std::vector<std::string> read_only_binds;        ///< host paths it needs
  std::map<std::string, std::string> environment;  ///< besides what every program gets
  /// A root file system of its own; nullopt: the program sees this machine's /usr.
  std::optional<wire::control::TicketContainer> container{};
};

/// How a request asks for an image to be run.
struct ProgramOrder {
  /// "train", "serve": the argument where the request gives none. Empty: the image's own arguments.
  std::string verb;
  std::optional<std::vector<std::string>> entrypoint{};  ///< instead of the image's own
  std::optional<std::vector<std::string>> arguments{};   ///< instead of the verb
};

}  // namespace millrace::catalog
