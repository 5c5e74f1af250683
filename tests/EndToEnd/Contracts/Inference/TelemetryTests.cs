using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Contracts.Inference;

public sealed class TelemetryTests
{
    [NeedsFact("setpriv")]
    public async Task Nothing_of_ONNX_Runtimes_telemetry_is_kept_at_home_to_be_sent()
    {
        var home = Directory.CreateTempSubdirectory("home-").FullName;
        var (_, output, all) = await Service.RunAsync(["doctor"], environment: ("HOME", home));
        Assert.True(output.Contains("onnxruntime", StringComparison.Ordinal), all); // it was started
        Assert.Empty(Directory.EnumerateFileSystemEntries(home));
        Directory.Delete(home);
    }
}
