#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>

#include "core/contract/paths.h"
#include "trainer/job/log.h"
#include "trainer/main/chosen_model.h"
#include "trainer/main/commands.h"
#include "trainer/main/stop_signal.h"
#include "trainer/serving/model_server.h"

namespace millrace {
namespace {

serving::Settings settings_of(const Options& options) {
  serving::Settings settings =
      serving::read_settings([](const char* name) { return std::getenv(name); });
  const auto option = [&](const char* name) -> const std::string* {
    const auto given = options.find(name);
    return given == options.end() ? nullptr : &given->second;
  };
  if (const std::string* port = option("--port"))
    settings.port = serving::parse_port(*port, "--port");
  if (const std::string* address = option("--address")) settings.address = *address;
  if (const std::string* delay = option("--batch-delay"))
    settings.batch_delay = serving::parse_batch_delay(*delay, "--batch-delay");
  return settings;
}

void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
}

}  // namespace

const CommandSpec& serve_command() {
  static const CommandSpec command{
      .name = "serve",
      .summary =
          "Serves a trained model over HTTP, as a SageMaker hosting container does: /ping, "
          "/invocations and\n"
          "/execution-parameters. SIGTERM ends it; requests that are being computed are answered.",
      .example =
          "millrace-trainer serve\n"
          "millrace-trainer serve --model model.tar.gz --address 127.0.0.1 --port 8080\n"
          "curl -H 'Content-Type: text/csv' --data-binary @x.csv "
          "http://127.0.0.1:8080/invocations\n"
          "curl -H 'Content-Type: image/jpeg' --data-binary @cat.jpg "
          "http://127.0.0.1:8080/invocations",
      .options = {
          {.name = "--model",
           .value = "PATH",
           .doc = "model.tar.gz, or the directory it was made of; by default /opt/ml/model.",
           .required = false},
          {.name = "--address",
           .value = "IP",
           .doc = "Where to listen; by default 0.0.0.0, on all interfaces.",
           .required = false},
          {.name = "--port",
           .value = "N",
           .doc = "By default what SAGEMAKER_BIND_TO_PORT says, else 8080; 0: any.",
           .required = false},
          {.name = "--batch-delay",
           .value = "MS",
           .doc = "How long a request may wait for others that are being read, to be "
                  "computed with them; by default 1.",
           .required = false},
          {.name = "--algorithm",
           .value = "NAME",
           .doc = "Of a model that was trained elsewhere; else MILLRACE_ALGORITHM.",
           .required = false}}};
  return command;
}

int serve(const Options& options) {
  const StopSignal stop;  // before any thread
  const serving::Settings settings = settings_of(options);
  const auto given = options.find("--model");
  const std::filesystem::path model =
      given == options.end() ? ContractPaths{}.model() : std::filesystem::path(given->second);
  const Algorithm& algorithm = algorithm_of(options, model);
  // On a thread that ends: libgomp keeps a team for every thread that has computed, and once there
  // are more of their threads than CPUs it lets all of them sleep at each barrier.
  const std::unique_ptr<Scorer> scorer =
      std::async(std::launch::async, [&] { return load_model(algorithm, model); }).get();
  Log log;
  const serving::ModelServer server(*scorer, settings, log);
  log.info("Serving a model of " + algorithm.name + " on " + settings.address + ":" +
           std::to_string(server.port()));
  wait_for(stop.token());
  log.info("Stopping on a signal");
  return EXIT_SUCCESS;
}

}  // namespace millrace
