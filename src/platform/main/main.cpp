#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>

#include "core/base/error.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/main/eval.h"
#include "platform/main/score.h"
#include "platform/main/serve.h"
#include "platform/runner/supervisor.h"

namespace millrace {
namespace {

void add_serve_command(CLI::App& app, std::filesystem::path& data_dir, int& status) {
  CLI::App* serve_verb = app.add_subcommand("serve", "Run the daemon: S3, SageMaker, logs, STS and IAM on one port");
  serve_verb->footer("The first start makes an access key; `millrace env` prints it with the address.\n"
                     "Ctrl-C ends the daemon. Jobs run on and report to the next one, unless --stop-jobs is given.\n\n"
                     "Examples:\n"
                     "  millrace serve\n"
                     "  millrace serve --data-dir /srv/millrace --listen 127.0.0.1:9000\n"
                     "  millrace serve --listen 127.0.0.1:0                   # any free port, printed\n"
                     "  millrace serve --tls --listen 0.0.0.0:9443            # HTTPS; `millrace env` names the authority\n"
                     "  millrace serve --tls --tls-certificate host.pem --tls-key host.key\n"
                     "  millrace serve --wheels /srv/wheels                   # for requirements.txt of training scripts\n"
                     "  millrace serve --job-network host                     # jobs reach whatever this machine reaches\n");
  auto options = std::make_shared<ServeOptions>();
  cli::add_data_dir_option(*serve_verb, data_dir);
  serve_verb->add_option("--listen", options->listen, "Address and port; port 0 picks a free one")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  serve_verb->add_option("--region", options->region, "Region that `millrace env` gives to clients")
      ->capture_default_str();
  serve_verb->add_flag("--tls", options->tls, "Speak HTTPS, with certificates of the installation's own authority");
  CLI::Option* certificate =
      serve_verb->add_option("--tls-certificate", options->tls_certificate, "Certificate of your own, with its chain (PEM)")
          ->type_name("FILE");
  CLI::Option* key = serve_verb->add_option("--tls-key", options->tls_key, "Its private key (PEM)")->type_name("FILE");
  certificate->needs(key, "--tls");
  key->needs(certificate);
  serve_verb->add_option("--trainer", options->trainer, "millrace-trainer to use for built-in algorithms")
      ->type_name("PROGRAM");
  serve_verb->add_option("--wheels", options->wheels,
                         "Python wheels that requirements.txt of a script mode job may ask for; seen by jobs, read-only "
                         "(default: wheels/ of the data directory)")
      ->type_name("DIR");
  serve_verb->add_flag("--stop-jobs", options->stop_jobs,
                       "Stop running jobs, models kept, and models' servers when the daemon ends; endpoints come back with "
                       "the next one");
  serve_verb->add_option("--invocation-timeout", options->invocation_timeout,
                         "Seconds for a model to answer an invocation; then the client gets a ModelError")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  serve_verb->add_option("--console-host", options->console_hosts,
                         "A name by which browsers reach the web console, such as that of a proxy; may be repeated. Addresses, "
                         "localhost and this machine's own name need not be given")
      ->type_name("NAME");
  serve_verb->add_flag("--allow-unconfined-jobs", options->allow_unconfined_jobs,
                       "Run jobs even where the kernel forbids the sandbox; each says so in its log");
  serve_verb->add_option("--job-network", options->job_network,
                         "private: each job has a network of its own, in which nothing but the daemon answers; host: jobs "
                         "have the machine's network")
      ->check(CLI::IsMember({"private", "host"}))
      ->capture_default_str();
  serve_verb->add_flag("--store-is-remote", options->store_is_remote,
                       "Make jobs fetch objects over HTTP, as from another machine, although the files are here")
      ->envname("MILLRACE_STORE_IS_REMOTE");
  serve_verb->callback([&data_dir, &status, options] {
    options->data_dir = data_dir;
    options->version = MILLRACE_VERSION;
    status = serve(*options);
  });
}

void add_job_command(CLI::App& app, int& status) {
  // Started by the daemon only; a person gets here by reading ps.
  CLI::App* job = app.add_subcommand("job", "Supervise one instance of a job (the daemon starts this)");
  job->group("");
  auto name = std::make_shared<std::string>();
  job->add_option("name", *name, "Name of the job")->required();
  auto host = std::make_shared<std::string>("algo-1");
  job->add_option("--host", *host, "Which instance of it")->capture_default_str();
  job->callback([&status, name, host] { status = runner::run_supervisor(*name, *host); });
}

int run(int argc, char** argv, cli::ExitStatus& status) {
  CLI::App app("Amazon SageMaker training on your own machines.", "millrace");
  app.footer("Start here:\n"
             "  millrace serve --data-dir ~/millrace &\n"
             "  eval \"$(millrace env --data-dir ~/millrace)\"\n"
             "  aws --endpoint-url \"$AWS_ENDPOINT_URL\" s3 ls\n"
             "  millrace run --data-dir ~/millrace -- python3 train.py     # a script that knows only amazonaws.com\n\n"
             "`millrace <command> --help` shows examples of each command.\n");
  app.require_subcommand(1);
  app.set_version_flag("--version", MILLRACE_VERSION);
  std::filesystem::path data_dir = cli::default_data_dir();
  const std::vector<std::string> command = cli::take_command(argc, argv);
  add_serve_command(app, data_dir, status.done);
  cli::add_env_command(app, data_dir);
  cli::add_console_command(app, data_dir);
  cli::add_run_command(app, data_dir, command, status);
  cli::add_kit_command(app, data_dir);
  cli::add_jobs_commands(app, data_dir);
  cli::add_images_commands(app, data_dir);
  cli::add_file_systems_commands(app, data_dir);
  cli::add_users_commands(app, data_dir);
  cli::add_audit_commands(app, data_dir);
  cli::add_data_commands(app);
  cli::add_rec_commands(app);
  cli::add_lst_commands(app, data_dir, status);
  add_score_command(app);
  add_eval_command(app, data_dir, status.done);
  add_job_command(app, status.done);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 numbers its errors from 100; 2 is what shells and scripts expect of a wrong command line.
    return app.exit(error) == 0 ? 0 : 2;
  }
  return status.done;
}

}  // namespace
}  // namespace millrace

int main(int argc, char** argv) {
  // A client that hangs up must end its own request, not the process.
  std::signal(SIGPIPE, SIG_IGN);
  millrace::cli::ExitStatus status;
  try {
    return millrace::run(argc, argv, status);
  } catch (const millrace::Error& error) {
    std::cerr << "millrace: " << error.what() << '\n';
    return status.failed;
  }
}
