using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActionStream.Publish.Mqtt.Client;

/// <summary>Says why an encrypted connection fails. MQTT libraries only say that it does, so this shakes hands once more and looks at what the broker shows.</summary>
/// <remarks>It sends nothing behind the handshake, and whatever it finds, the connection stays refused.</remarks>
public static class TlsProbe
{
    private const X509ChainStatusFlags OutOfTime = X509ChainStatusFlags.NotTimeValid;

    /// <summary>Connects a client. A TLS fault is thrown as what it is.</summary>
    public static async Task ConnectAsync(
        IMqttClient client, MqttOptions options, string clientId, MqttMessage? will, CancellationToken cancel)
    {
        try
        {
            await client.ConnectAsync(options, clientId, will, cancel);
        }
        catch (MqttException fault) when (options.Tls.Enabled && fault.Fault is MqttFault.Tls or MqttFault.Refused)
        {
            if (await LookAsync(options, cancel) is { } reason)
            {
                throw new MqttException(reason.Fault, $"{options.Host}:{options.Port}: {reason.Text}", fault);
            }

            throw;
        }
    }

    private static async Task<(MqttFault Fault, string Text)?> LookAsync(MqttOptions options, CancellationToken cancel)
    {
        (MqttFault, string)? found = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(options.Host, options.Port, limit.Token);
            await using var tls = new SslStream(socket.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = options.Host,
                    CertificateChainPolicy = Trust(options.Tls),
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        found = Explain(options.Host, certificate, chain, errors);
                        return errors == SslPolicyErrors.None;
                    },
                },
                limit.Token);
        }
        catch (Exception broken) when (broken is IOException or SocketException or AuthenticationException or CryptographicException or OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
        }

        return found;
    }

    private static X509ChainPolicy Trust(TlsOptions options)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (options.CaFile is { } authority)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(authority);
        }

        return policy;
    }

    // The first that holds: a stranger's dates and names mean nothing.
    private static (MqttFault, string)? Explain(string host, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var flags = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        if ((flags & ~OutOfTime) != 0 || (errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0)
        {
            return (MqttFault.TlsUntrusted, $"the broker's certificate is not signed by an authority we trust ({flags & ~OutOfTime}, issuer {certificate?.Issuer}); see mqtt.tls.ca_file");
        }

        if ((flags & OutOfTime) != 0)
        {
            return (MqttFault.TlsExpired, $"the broker's certificate has expired or is not valid yet ({Dates(certificate)}); or our clock is wrong");
        }

        return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0
            ? (MqttFault.TlsWrongName, $"the broker's certificate is not made out to {host} but to {certificate?.Subject}; mqtt.host must be a name that stands in it")
            : null;
    }

    private static string Dates(X509Certificate? certificate) =>
        certificate is null ? "no dates" : $"{certificate.GetEffectiveDateString()} to {certificate.GetExpirationDateString()}";
}
