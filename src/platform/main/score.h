#pragma once

namespace CLI {
class App;
}

namespace millrace {

/// `millrace score`: hands its arguments to `millrace-trainer score`, which knows models.
void add_score_command(CLI::App& app);

}  // namespace millrace
