#pragma once

#include <filesystem>

namespace millrace {

/// What the daemon keeps in its data directory, for those who look there: supervisors and the command line.
struct DaemonFiles {
  std::filesystem::path data_dir;

  [[nodiscard]] std::filesystem::path database() const { return data_dir / "records.db"; }
  [[nodiscard]] std::filesystem::path objects() const { return data_dir / "objects"; }
  [[nodiscard]] std::filesystem::path work() const { return data_dir / "work"; }
  /// {"AccessKeyId", "SecretAccessKey"}: the key of the first start, readable by its owner only.
  [[nodiscard]] std::filesystem::path credentials() const { return data_dir / "credentials.json"; }
  /// Who read or wrote what: a file for each day.
  [[nodiscard]] std::filesystem::path audit() const { return data_dir / "audit"; }
  /// Of the daemon that runs, or ran last: {"Endpoint", "Region"}; with TLS also "JobsEndpoint", the
  /// plain one for programs of this machine's jobs, and "CertificateAuthority", the file of whom
  /// clients are to trust, unless the operator gave a certificate.
  [[nodiscard]] std::filesystem::path endpoint() const { return data_dir / "endpoint.json"; }
  /// The same port over a UNIX socket: its place never changes, so supervisors find a restarted daemon.
  [[nodiscard]] std::filesystem::path socket() const { return data_dir / "millrace.sock"; }
  /// Held with flock while a daemon runs, so that two never share a directory.
  [[nodiscard]] std::filesystem::path lock() const { return data_dir / "lock"; }
  /// The installation's own certificate authority (platform/tls/authority.h).
  [[nodiscard]] std::filesystem::path authority() const { return data_dir / "authority"; }
  /// Who tried to reach which host under `millrace run`, one JSON object a line; its owner's alone.
  [[nodiscard]] std::filesystem::path proxy_audit() const { return data_dir / "proxy-audit.jsonl"; }
  /// The bytes of every version of the image lists that were opened in the web console.
  [[nodiscard]] std::filesystem::path lists() const { return data_dir / "lists"; }
  /// What `millrace run` gives to the clients below it.
  [[nodiscard]] std::filesystem::path clients() const { return data_dir / "clients"; }
  /// Output of `millrace-trainer describe`, kept until the program changes.
  [[nodiscard]] std::filesystem::path algorithms() const { return data_dir / "algorithms.json"; }
};

}  // namespace millrace
