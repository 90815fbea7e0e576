#include "platform/tls/authority.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/io/file.h"
#include "platform/tls/tls_client_for_test.h"

namespace millrace::tls {
namespace {

/// What a client that trusts `authority` thinks of `certificate` for `host`: "ok", or its reason.
std::string verdict(const Authority& authority, X509* certificate, const std::string& host) {
  const std::unique_ptr<X509_STORE, Release<X509_STORE_free>> store(X509_STORE_new());
  X509_STORE_load_file(store.get(), authority.certificate_file().c_str());
  const std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  X509_STORE_CTX_init(check.get(), store.get(), certificate, nullptr);
  X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(check.get());
  X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER);
  if (is_ip_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
  }
  if (X509_verify_cert(check.get()) == 1) return "ok";
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777U;
}

std::string refusal_to_open(const std::filesystem::path& directory) {
  try {
    const Authority authority(directory);
    return "opened";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Authority, IsMadeAtFirstNeedWithAKeyThatOnlyItsOwnerReads) {
  const TemporaryDirectory root;
  const std::filesystem::path directory = root.path / "authority";
  const Authority authority(directory);
  EXPECT_EQ(mode_of(directory), 0700U);
  EXPECT_EQ(mode_of(directory / "key.pem"), 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root.path), {}), 1);
  const std::string before = read_file(authority.certificate_file());
  const Authority again(directory);
  EXPECT_EQ(read_file(again.certificate_file()), before);
}

TEST(Authority, IsOneHoweverManyMakeItAtOnce) {
  const TemporaryDirectory root;
  constexpr int kMakers = 8;
  std::vector<std::unique_ptr<Authority>> made(kMakers);
  {
    std::vector<std::jthread> makers;
    for (auto& each : made)
      makers.emplace_back([&] { each = std::make_unique<Authority>(root.path / "authority"); });
  }
  for (const auto& each : made) {
    EXPECT_EQ(verdict(*made.front(), each->certificate_for("localhost").get(), "localhost"), "ok");
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root.path), {}), 1);
}

TEST(Authority, VouchesForAmazonsHostsThisMachineAndPrivateAddresses) {
  const TemporaryDirectory root;
  Authority authority(root.path / "authority");
  const std::string long_bucket(63, 'b');
  for (const std::string& host :
       {std::string("sts.us-east-1.amazonaws.com"), long_bucket + ".s3.eu-west-1.amazonaws.com",
        std::string("my.dotted.bucket.s3.amazonaws.com"),
        std::string("s3.cn-north-1.amazonaws.com.cn"), std::string("localhost"),
        std::string("millrace.local"), std::string("127.0.0.1"), std::string("::1"),
        std::string("192.168.7.9"), std::string("10.1.2.3")}) {
    EXPECT_EQ(verdict(authority, authority.certificate_for(host).get(), host), "ok") << host;
    EXPECT_NE(verdict(authority, authority.certificate_for(host).get(), "other.local"), "ok");
  }
}

TEST(Authority, CouldNotPassForStrangersEvenIfItsKeyWereStolen) {
  const TemporaryDirectory root;
  Authority authority(root.path / "authority");
  for (const char* host : {"example.com", "amazonaws.com.example.org", "8.8.8.8"}) {
    EXPECT_EQ(verdict(authority, authority.certificate_for(host).get(), host),
              "permitted subtree violation")
        << host;
  }
}

TEST(Authority, OfOneInstallationIsNotThatOfAnother) {
  const TemporaryDirectory root;
  Authority mine(root.path / "mine");
  Authority other(root.path / "other");
  EXPECT_NE(verdict(mine, other.certificate_for("localhost").get(), "localhost"), "ok");
}

TEST(Authority, MakesOneCertificateForANameHoweverItIsWritten) {
  const TemporaryDirectory root;
  Authority authority(root.path / "authority");
  EXPECT_EQ(authority.certificate_for("S3.us-east-1.AMAZONAWS.com"),
            authority.certificate_for("s3.us-east-1.amazonaws.com"));
}

TEST(Authority, RefusesNamesThatAreNone) {
  const TemporaryDirectory root;
  Authority authority(root.path / "authority");
  for (const char* host : {"", "a,IP:8.8.8.8", "a b", "-x\n", ".a", "a..b", "[::1]", "*.local"}) {
    EXPECT_THROW(static_cast<void>(authority.certificate_for(host)), Error) << host;
  }
}

TEST(Authority, SaysWhatIsWrongWithItsFiles) {
  const TemporaryDirectory root;
  const std::filesystem::path directory = root.path / "authority";
  { const Authority made(directory); }
  const std::filesystem::path key = directory / "key.pem";
  ASSERT_EQ(::chmod(key.c_str(), 0640), 0);
  EXPECT_NE(refusal_to_open(directory).find("chmod 600"), std::string::npos);
  ASSERT_EQ(::chmod(key.c_str(), 0600), 0);

  { const Authority other(root.path / "other"); }
  const std::string own_key = read_file(key);
  write_file_durably(key, read_file(root.path / "other/key.pem"), 0600);
  EXPECT_NE(refusal_to_open(directory).find("not the key of"), std::string::npos);
  write_file_durably(key, "nonsense", 0600);
  EXPECT_NE(refusal_to_open(directory).find("no private key"), std::string::npos);
  write_file_durably(key, own_key, 0600);
  EXPECT_EQ(refusal_to_open(directory), "opened");
  std::filesystem::remove(key);
  EXPECT_NE(refusal_to_open(directory).find("key.pem is missing"), std::string::npos);
}

}  // namespace
}  // namespace millrace::tls
