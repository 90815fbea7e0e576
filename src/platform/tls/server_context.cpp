#include "platform/tls/server_context.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string_view>

#include "core/base/error.h"
#include "platform/tls/tls_stream.h"

namespace millrace::tls {
namespace {

/// Chooses HTTP/1.1 where the client offers it; says nothing where it offers only others.
int choose_protocol(SSL* /*session*/, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*argument*/) {
  // What is chosen is looked at after the return.
  static constexpr std::array<unsigned char, 9> kHttp{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kHttp.data(), kHttp.size(), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

/// Gives a handshake the certificate of the host that the client asked for. What it throws must not
/// pass through OpenSSL, which is C: the handshake fails instead.
int choose_certificate(SSL* session, void* argument) {
  auto& authority = *static_cast<Authority*>(argument);
  const char* asked = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  const std::string& host = *static_cast<const std::string*>(SSL_get_app_data(session));
  try {
    const bool usable = asked != nullptr && is_host_name(asked);
    const auto certificate = authority.certificate_for(usable ? std::string_view(asked) : host);
    return SSL_use_certificate(session, certificate.get()) == 1 &&
                   SSL_use_PrivateKey(session, authority.host_key()) == 1
               ? 1
               : 0;
  } catch (const std::exception&) {
    return 0;
  }
}

/// A key under a password is refused; OpenSSL would ask for it at the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*argument*/) {
  return -1;
}

Error unusable(const std::filesystem::path& file, const std::string& expected) {
  return {Blame::Customer,
          "cannot use " + file.string() + ": expected " + expected + " (" + openssl_reason() + ")"};
}

}  // namespace

ServerContext::ServerContext() : settings_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX* settings = settings_.get();
  if (settings == nullptr || SSL_CTX_set_min_proto_version(settings, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(settings, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    throw_openssl("preparing TLS");
  }
  SSL_CTX_set_options(settings, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE |
                                    // Where a body ends is HTTP's business.
                                    SSL_OP_IGNORE_UNEXPECTED_EOF);
  // As many system calls as blocks, not two for each record.
  SSL_CTX_set_read_ahead(settings, 1);
  SSL_CTX_set_mode(settings, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_OFF);  // tickets cost no memory here
  SSL_CTX_set_num_tickets(settings, 1);
  SSL_CTX_set_alpn_select_cb(settings, choose_protocol, nullptr);
}

ServerContext::ServerContext(Authority& authority) : ServerContext() {
  SSL_CTX_set_cert_cb(settings_.get(), choose_certificate, &authority);
}

ServerContext::ServerContext(const std::filesystem::path& certificate,
                             const std::filesystem::path& key)
    : ServerContext() {
  SSL_CTX* settings = settings_.get();
  SSL_CTX_set_default_passwd_cb(settings, no_password);
  if (SSL_CTX_use_certificate_chain_file(settings, certificate.c_str()) != 1)
    throw unusable(certificate, "a certificate in PEM form, followed by its chain");
  if (SSL_CTX_use_PrivateKey_file(settings, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw unusable(
        key, "the private key of " + certificate.string() + " in PEM form, without a password");
  }
  if (SSL_CTX_check_private_key(settings) != 1)
    throw unusable(key, "the private key of " + certificate.string());
}

std::unique_ptr<http::SecureStream> ServerContext::accept(int fd, std::string host) const {
  Session session(SSL_new(settings_.get()));
  if (!session) throw_openssl("preparing TLS");
  return std::make_unique<TlsStream>(std::move(session), fd, std::move(host));
}

std::string local_address(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof(name);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) throw_errno("getsockname");
  if (name.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(name).sin_addr, text.data(),
                text.size());
  } else if (name.ss_family == AF_INET6) {
    const in6_addr& address = reinterpret_cast<const sockaddr_in6&>(name).sin6_addr;
    // Where one socket takes both kinds (RFC 4291 section 2.5.5.2), the client knows the IPv4 one.
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
      ::inet_ntop(AF_INET, &address.s6_addr[12], text.data(), text.size());
    } else {
      ::inet_ntop(AF_INET6, &address, text.data(), text.size());
    }
  } else {
    return "localhost";
  }
  return text.data();
}

}  // namespace millrace::tls
