using ActionStream.Cli.Commands.Cameras;
using ActionStream.Ingest.Onvif;
using ActionStream.Ingest.Probing;

namespace ActionStream.Unit.Cli.Commands.Cameras;

/// <summary>What `probe` advises once it knows a camera's other streams.</summary>
public sealed class OtherStreamsTests
{
    [Fact]
    public void A_sub_stream_that_saves_much_is_named_with_how_much()
    {
        var advice = Assert.Single(Advise("rtsp://admin:x@cam.local/main", 0.05));
        Assert.Contains("sub-stream sub (h264 640x360 at 15 fps) would cost 5 times less", advice.Reason, StringComparison.Ordinal);
        Assert.Contains("rtsp://10.0.0.5/sub", advice.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rtsp://cam.local/sub", 0.01)] // it is the one already
    [InlineData("rtsp://cam.local/main", 0.011)] // it saves nothing to speak of
    [InlineData("rtsp://cam.local/unlisted", 0.05, "lens1")] // which of two lenses is it?
    public void Nothing_is_said_where_nothing_is_known_or_saved(string url, double cost, string secondLens = "") =>
        Assert.Empty(Advise(url, cost, secondLens));

    private static IEnumerable<Suggestion> Advise(string url, double cost, string secondLens = "")
    {
        List<ListedStream> streams = [Stream("main", "lens0", 0.05, false), Stream("sub", "lens0", 0.01, true)];
        if (secondLens.Length > 0)
        {
            streams.Add(Stream("other", secondLens, 0.01, true));
        }

        return OtherStreams.Advise(
            url, new("http://10.0.0.5/onvif/device_service", null, null, null, null, false, streams), new(cost, CostBasis.Table));
    }

    private static ListedStream Stream(string token, string lens, double cost, bool suits) => new(
        new OnvifProfile(token, token, lens, "h264", new(640, 360), 15, null, $"rtsp://10.0.0.5/{token}"), new(cost, CostBasis.Table), suits,
        null);
}
