using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActionStream.EndToEnd.Support;
using ActionStream.Ingest.Probing;
using ActionStream.Ingest.Sources;

namespace ActionStream.EndToEnd.Contracts.Ingest;

/// <summary>HTTP cameras that send us elsewhere: real ffmpeg must not follow to what the camera's owner did not name.</summary>
public sealed class RedirectTests
{
    private static readonly string Clip = Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(Parts.Root, "configs/demo/clip.mp4")));

    private static string Found(string location) =>
        $"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private static string Ok(string body, string type) => string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");

    private static string Asked(string request) => request.Split(' ')[1];

    [NeedsTheory("ffmpeg")]
    [InlineData("http://127.0.0.1:{0}/internal")]
    [InlineData("http://localhost:{0}/internal")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/internal")]
    [InlineData("http://127.1:{0}/internal")]
    [InlineData("//127.0.0.1:{0}/internal")]
    public async Task A_redirect_to_something_else_on_this_machine_is_not_followed(string location)
    {
        await using var internalOne = new RudeCamera(_ => Ok(Clip, "video/mp4"));
        await using var camera = new RudeCamera(
            _ => Found(string.Format(CultureInfo.InvariantCulture, location, internalOne.Port)));
        await using var rig = new CameraRig();
        var options = CameraRig.Source($"http://127.0.0.1:{camera.Port}/live") with { RedirectHosts = ["localhost", "127.0.0.1"] };

        var fault = await rig.FaultAsync(options);

        Assert.Equal(SourceFault.Redirected, fault.Fault);
        Assert.Contains("sends us to", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, internalOne.Requests);
        Assert.True(camera.Requests > 0);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_redirect_to_another_host_that_nobody_named_is_not_followed()
    {
        await using var camera = new RudeCamera(_ => Found("http://192.0.2.1/latest/meta-data"));
        await using var rig = new CameraRig();
        var options = CameraRig.Source($"http://127.0.0.1:{camera.Port}/live");
        Assert.Equal(SourceFault.Redirected, (await rig.FaultAsync(options)).Fault);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_redirect_on_the_same_camera_is_followed()
    {
        await using var camera = new RudeCamera(
            request => Asked(request) == "/new" ? Ok(Clip, "video/mp4") : Found("/new"));
        await using var rig = new CameraRig();
        Assert.Equal(4, (await rig.TimesAsync(CameraRig.Source($"http://127.0.0.1:{camera.Port}/old"), most: 4)).Count);
    }

    [NeedsFact("ffmpeg")]
    public async Task A_camera_with_a_login_is_asked_with_it_and_sent_on_to_itself()
    {
        await using var camera = new RudeCamera(request =>
            !request.Contains("Authorization: Basic YWRtaW46YS8jYg==", StringComparison.Ordinal)
                ? "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"cam\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                : Asked(request) == "/new" ? Ok(Clip, "video/mp4") : Found("/new"));
        await using var rig = new CameraRig();
        var options = CameraRig.Source($"http://admin:a%2F%23b@127.0.0.1:{camera.Port}/old");
        Assert.Equal(4, (await rig.TimesAsync(options, most: 4)).Count);
    }

    [NeedsFact("ffmpeg")]
    public async Task An_encrypted_camera_is_reached_through_a_tunnel_and_leads_nowhere_else_either()
    {
        using var certificate = Certificate();
        await using var internalOne = new RudeCamera(_ => Ok(Clip, "video/mp4"), certificate);
        await using var camera = new RudeCamera(
            request => Asked(request) == "/live" ? Ok(Clip, "video/mp4") : Found($"https://127.0.0.1:{internalOne.Port}/internal"),
            certificate);
        await using var rig = new CameraRig();

        Assert.Equal(4, (await rig.TimesAsync(CameraRig.Source($"https://127.0.0.1:{camera.Port}/live"), most: 4)).Count);
        var fault = await rig.FaultAsync(CameraRig.Source($"https://127.0.0.1:{camera.Port}/elsewhere"));

        Assert.Equal(SourceFault.Redirected, fault.Fault); // so that it was the gate that led there
        Assert.Equal(0, internalOne.Requests);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=camera", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    [NeedsTheory("ffmpeg")]
    [InlineData("http://127.0.0.1:{0}/secret.ts")]
    [InlineData("file:///etc/hostname.ts")]
    [InlineData("/../../etc/hostname.ts")]
    public async Task A_playlist_fetches_nothing_from_elsewhere(string segment)
    {
        await using var internalOne = new RudeCamera(_ => Ok(Clip, "video/mp2t"));
        var named = string.Format(CultureInfo.InvariantCulture, segment, internalOne.Port);
        await using var camera = new RudeCamera(request => Asked(request).EndsWith(".m3u8", StringComparison.Ordinal)
            ? Ok($"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{named}\n#EXT-X-ENDLIST\n", "application/vnd.apple.mpegurl")
            : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await using var rig = new CameraRig();

        var fault = await rig.FaultAsync(CameraRig.Source($"http://127.0.0.1:{camera.Port}/live.m3u8"));

        Assert.Equal(segment.StartsWith("http", StringComparison.Ordinal), fault.Fault == SourceFault.Redirected);
        Assert.Equal(0, internalOne.Requests);
    }

    [NeedsFact("ffmpeg", "ffprobe")]
    public async Task Probe_does_not_follow_either()
    {
        await using var internalOne = new RudeCamera(_ => Ok(Clip, "video/mp4"));
        await using var camera = new RudeCamera(_ => Found($"http://127.0.0.1:{internalOne.Port}/internal"));
        await using var rig = new CameraRig();
        var probe = new SourceProbe(rig.Environment, TimeSpan.FromSeconds(1));
        var fault = await Assert.ThrowsAsync<SourceException>(() => probe.LookAsync(
            CameraRig.Source($"http://127.0.0.1:{camera.Port}/live"), CameraRig.Small, CameraRig.Soon()));
        Assert.Equal(SourceFault.Redirected, fault.Fault);
        Assert.Equal(0, internalOne.Requests);
    }

    [NeedsFact("ffmpeg")]
    public async Task What_is_wrong_with_the_camera_itself_is_still_told()
    {
        await using var rig = new CameraRig();
        Assert.Equal(SourceFault.Refused, (await rig.FaultAsync(CameraRig.Source($"http://127.0.0.1:{Ports.Free()}/x"))).Fault);
        await using var camera = new RudeCamera(_ => "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.Equal(SourceFault.Unauthorized, (await rig.FaultAsync(CameraRig.Source($"http://127.0.0.1:{camera.Port}/x"))).Fault);
    }
}
