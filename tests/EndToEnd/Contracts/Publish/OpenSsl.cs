using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Contracts.Publish;

/// <summary>Certificates as an operator makes them: with the openssl program.</summary>
internal static class OpenSsl
{
    /// <summary>An authority: `NAME.pem` and `NAME.key`.</summary>
    public static Task AuthorityAsync(string folder, string name) => RunAsync(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", $"/CN={name}",
        "-keyout", $"{folder}/{name}.key", "-out", $"{folder}/{name}.pem");

    /// <summary>A certificate signed by it.</summary>
    /// <param name="names">For whom, such as `IP:127.0.0.1`.</param>
    /// <param name="days">How long it is valid from now on; negative for one that has expired.</param>
    public static async Task CertificateAsync(string folder, string name, string authority, string names, int days)
    {
        await RunAsync(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", $"/CN={name}",
            "-keyout", $"{folder}/{name}.key", "-out", $"{folder}/{name}.csr");
        await File.WriteAllTextAsync($"{folder}/{name}.ext", $"subjectAltName={names}\n");
        await RunAsync(
            "x509", "-req", "-in", $"{folder}/{name}.csr", "-CA", $"{folder}/{authority}.pem",
            "-CAkey", $"{folder}/{authority}.key", "-CAcreateserial",
            "-days", $"{days}", "-extfile", $"{folder}/{name}.ext", "-out", $"{folder}/{name}.pem");
    }

    private static async Task RunAsync(params string[] arguments)
    {
        await using var openssl = new Child("openssl", arguments);
        Assert.True(await openssl.ExitAsync(TimeSpan.FromSeconds(60)) == 0, openssl.All);
    }
}
