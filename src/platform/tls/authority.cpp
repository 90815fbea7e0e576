#include "platform/tls/authority.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/io/file.h"

namespace millrace::tls {
namespace {

constexpr long kDay = 24 * 3600;
constexpr long kAuthorityDays = 3650;
constexpr long kHostDays = 90;
constexpr long kClockSkew = kDay;  ///< clients whose clocks are behind accept what is new, too
constexpr std::chrono::hours kKept{24};
constexpr std::size_t kMaxKept =
    1024;  ///< names come from clients: their number must not cost memory
constexpr std::size_t kMaxCommonName = 64;  ///< RFC 5280, ub-common-name

PrivateKey new_key() {
  PrivateKey key(EVP_EC_gen("P-256"));
  if (!key) throw_openssl("making a key");
  return key;
}

std::string host_name_of_machine() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  const std::string text = to_lower(name.data());
  return is_host_name(text) ? text : std::string();
}

/// What the authority may vouch for, in the syntax of openssl's configuration.
std::string permitted_names() {
  std::string names =
      "critical"
      // AWS: the hosts of its partitions.
      ",permitted;DNS:amazonaws.com,permitted;DNS:amazonaws.com.cn,permitted;DNS:api.aws"
      // This machine and its neighbours: RFC 6761, RFC 6762, and ICANN's name for private use.
      ",permitted;DNS:localhost,permitted;DNS:local,permitted;DNS:internal"
      ",permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:10.0.0.0/255.0.0.0"
      ",permitted;IP:172.16.0.0/255.240.0.0,permitted;IP:192.168.0.0/255.255.0.0"
      ",permitted;IP:169.254.0.0/255.255.0.0"
      ",permitted;IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF"
      ",permitted;IP:FC00:0:0:0:0:0:0:0/FE00:0:0:0:0:0:0:0"
      ",permitted;IP:FE80:0:0:0:0:0:0:0/FFC0:0:0:0:0:0:0:0";
  if (const std::string own = host_name_of_machine(); !own.empty())
    names += ",permitted;DNS:" + own;
  return names;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
    throw_openssl("making a certificate");
}

void set_random_serial(X509* certificate) {
  std::string bytes = random_bytes(16);
  bytes.front() = static_cast<char>((bytes.front() & 0x3f) | 0x40);  // positive, never short
  const std::unique_ptr<BIGNUM, Release<BN_free>> number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                static_cast<int>(bytes.size()), nullptr));
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr)
    throw_openssl("numbering a certificate");
}

void add_name(X509_NAME* name, const char* field, const std::string& value) {
  if (X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>(value.data()),
                                 static_cast<int>(value.size()), -1, 0) != 1) {
    throw_openssl("naming a certificate");
  }
}

/// Version, serial number, validity, subject and key; the rest is the caller's.
Certificate new_certificate(EVP_PKEY* key, const std::string& common_name, long days) {
  Certificate certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kClockSkew) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * kDay) == nullptr ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    throw_openssl("making a certificate");
  }
  set_random_serial(certificate.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  add_name(subject, "O", "Millrace");
  add_name(subject, "CN", common_name);
  return certificate;
}

void sign(X509* certificate, EVP_PKEY* key) {
  if (X509_sign(certificate, key, EVP_sha256()) == 0) throw_openssl("signing a certificate");
}

Certificate new_authority_certificate(EVP_PKEY* key) {
  // A name of its own, so that two installations never pass for each other.
  Certificate certificate =
      new_certificate(key, "Millrace authority " + random_hex(8), kAuthorityDays);
  X509* self = certificate.get();
  if (X509_set_issuer_name(self, X509_get_subject_name(self)) != 1)
    throw_openssl("making a certificate");
  add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(self, self, NID_subject_key_identifier, "hash");
  add_extension(self, self, NID_name_constraints, permitted_names());
  sign(self, key);
  return certificate;
}

std::string pem_of(const std::function<int(BIO*)>& write) {
  const MemoryBio memory(BIO_new(BIO_s_mem()));
  if (!memory || write(memory.get()) != 1) throw_openssl("writing PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::filesystem::path key_path(const std::filesystem::path& directory) {
  return directory / "key.pem";
}
std::filesystem::path certificate_path(const std::filesystem::path& directory) {
  return directory / "certificate.pem";
}

/// The directory appears under its name with both files in it, or not at all.
void make_authority(const std::filesystem::path& directory) {
  std::string made = directory.string() + ".XXXXXX";
  if (::mkdtemp(made.data()) == nullptr) throw_errno("making " + directory.string());
  try {
    const PrivateKey key = new_key();
    const Certificate certificate = new_authority_certificate(key.get());
    write_file_durably(key_path(made), pem_of([&](BIO* out) {
                         return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0,
                                                              nullptr, nullptr);
                       }),
                       0600);
    write_file_durably(certificate_path(made), pem_of([&](BIO* out) {
                         return PEM_write_bio_X509(out, certificate.get());
                       }));
    if (::rename(made.c_str(), directory.c_str()) != 0 && errno != ENOTEMPTY && errno != EEXIST)
      throw_errno("making " + directory.string());
  } catch (...) {
    std::filesystem::remove_all(made);
    throw;
  }
  std::filesystem::remove_all(made);  // there still where another process was faster
  sync_directory(directory.parent_path());
}

MemoryBio reader_of(const std::string& text) {
  MemoryBio memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!memory) throw_openssl("reading PEM");
  return memory;
}

}  // namespace

bool is_host_name(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos && std::all_of(text.begin(), text.end(), plain);
}

bool is_ip_address(std::string_view text) {
  const std::string name(text);
  in6_addr address{};
  return ::inet_pton(AF_INET, name.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

Authority::Authority(const std::filesystem::path& directory) : directory_(directory) {
  if (!std::filesystem::exists(directory_)) make_authority(directory_);
  load();
  host_key_ = new_key();
}

std::filesystem::path Authority::certificate_file() const {
  return certificate_path(directory_);
}

void Authority::load() {
  const auto unusable = [&](const std::string& why) {
    return Error(Blame::Platform,
                 "the certificate authority in " + directory_.string() + " cannot be used: " + why +
                     ". Remove the directory to have a new one made; whoever trusts the old one is "
                     "then to be given the new certificate.pem");
  };
  const std::filesystem::path key_file = key_path(directory_);
  struct stat status {};
  if (::stat(key_file.c_str(), &status) != 0) throw unusable("key.pem is missing");
  if ((status.st_mode & 077) != 0) {
    throw Error(Blame::Platform,
                "others than its owner may read " + key_file.string() +
                    ", the key of the certificate authority. Take that right away: "
                    "chmod 600 " +
                    key_file.string());
  }
  const std::string key_text = read_file(key_file);
  const std::string certificate_text = read_file(certificate_file());
  key_.reset(
      PEM_read_bio_PrivateKey(reader_of(key_text).get(), nullptr, nullptr, const_cast<char*>("")));
  if (!key_) throw unusable("key.pem holds no private key (" + openssl_reason() + ")");
  certificate_.reset(
      PEM_read_bio_X509(reader_of(certificate_text).get(), nullptr, nullptr, nullptr));
  if (!certificate_)
    throw unusable("certificate.pem holds no certificate (" + openssl_reason() + ")");
  if (X509_check_private_key(certificate_.get(), key_.get()) != 1) {
    static_cast<void>(openssl_reason());
    throw unusable("key.pem is not the key of certificate.pem");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate_.get())) < 0)
    throw unusable("certificate.pem has run out");
}

std::shared_ptr<X509> Authority::certificate_for(std::string_view host) {
  const std::string name = to_lower(host);
  const auto at = std::chrono::steady_clock::now();
  return issued_.with([&](auto& issued) {
    if (const auto known = issued.find(name);
        known != issued.end() && at - known->second.at < kKept)
      return known->second.certificate;
    if (issued.size() >= kMaxKept) issued.clear();
    std::shared_ptr<X509> made = issue(name);
    issued.insert_or_assign(name, Issued{made, at});
    return made;
  });
}

Certificate Authority::issue(const std::string& host) const {
  const bool address = is_ip_address(host);
  // Checked before it becomes part of OpenSSL's configuration syntax.
  if (!address && !is_host_name(host)) {
    throw Error(Blame::Customer, Problem{.where = "host to be vouched for",
                                         .given = host,
                                         .expected = "a host name or an IP address",
                                         .fix = ""});
  }
  // A common name that is an address would be held against the constraints on host names.
  const bool fits = !address && host.size() <= kMaxCommonName;
  Certificate certificate =
      new_certificate(host_key_.get(), fits ? host : "see subjectAltName", kHostDays);
  X509* made = certificate.get();
  if (X509_set_issuer_name(made, X509_get_subject_name(certificate_.get())) != 1)
    throw_openssl("making a certificate");
  add_extension(made, certificate_.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(made, certificate_.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(made, certificate_.get(), NID_ext_key_usage, "serverAuth");
  add_extension(made, certificate_.get(), NID_subject_key_identifier, "hash");
  add_extension(made, certificate_.get(), NID_authority_key_identifier, "keyid:always");
  add_extension(made, certificate_.get(), NID_subject_alt_name, (address ? "IP:" : "DNS:") + host);
  sign(made, key_.get());
  return certificate;
}

}  // namespace millrace::tls
