using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ActionStream.Publish.Mqtt.Client;
using MQTTnet;

namespace ActionStream.Publish.Mqtt.Client;

/// <summary>Takes or refuses the certificate that a broker shows, and keeps why: the handshake itself only says that it failed.</summary>
/// <remarks>The chain comes built, against the authority that was configured and no other where there is one.</remarks>
internal sealed class CertificateCheck(string host)
{
    /// <summary>What is wrong with the certificate; null while none was refused for a reason we know.</summary>
    public (MqttFault Fault, string Text)? Problem { get; private set; }

    /// <summary>True once one was shown and taken.</summary>
    public bool IsAccepted { get; private set; }

    public bool Accepts(MqttClientCertificateValidationEventArgs shown)
    {
        Problem = Explain(shown.Certificate, shown.Chain, shown.SslPolicyErrors);
        return IsAccepted = shown.SslPolicyErrors == SslPolicyErrors.None;
    }

    // The first that holds: a stranger's dates and names mean nothing.
    private (MqttFault, string)? Explain(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var flags = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        var distrust = flags & ~X509ChainStatusFlags.NotTimeValid;
        if (distrust != 0 || (errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0)
        {
            return (
                MqttFault.TlsUntrusted,
                $"the broker's certificate is not signed by an authority we trust ({distrust}, issuer {certificate?.Issuer}); "
                + "see mqtt.tls.ca_file");
        }

        if (flags != 0)
        {
            return (
                MqttFault.TlsExpired,
                $"the broker's certificate has expired or is not valid yet ({Dates(certificate)}); or our clock is wrong");
        }

        return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0
            ? (MqttFault.TlsWrongName,
                $"the broker's certificate is not made out to {host} but to {certificate?.Subject}; "
                + "mqtt.host must be a name that stands in it")
            : null;
    }

    private static string Dates(X509Certificate? certificate) =>
        certificate is null ? "no dates" : $"{certificate.GetEffectiveDateString()} to {certificate.GetExpirationDateString()}";
}
