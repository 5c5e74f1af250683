using System.Globalization;
using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>A whole site of real parts on one machine: cameras to which nothing is done, cameras and a broker behind bad lines,
/// and the service among them.</summary>
internal sealed class ChaosSite : IAsyncDisposable
{
    /// <summary>In the environment of the service and of whoever it starts.</summary>
    public const string Mark = "CHAOS_SITE";

    private const int Fps = 16;
    private const int StateMegabytes = 24;

    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly string _state = Directory.CreateTempSubdirectory("chaos-state-").FullName;
    private Child? _inside;

    private ChaosSite()
    {
    }

    public static IReadOnlyList<string> Healthy { get; } = ["healthy0", "healthy1"];

    public static IReadOnlyList<string> Shaky { get; } = ["shaky0", "shaky1", "shaky2"];

    /// <summary>Whether the folder of spool and media can be a small file system of its own.</summary>
    public static bool CanFillDisk { get; } = Parts.IsThere("root") && Parts.IsThere("namespaces");

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public PlantedSecrets Secrets { get; } = new();

    public string Temporary { get; } = Directory.CreateTempSubdirectory("chaos-tmp-").FullName;

    /// <summary>Spool and media as this process sees them: in the service's own mounts, which outlive it here.</summary>
    public string State => _inside is null ? _state : $"/proc/{_inside.Id}/root{_state}";

    public List<ShakyCamera> Cameras { get; } = [];

    public Mosquitto Broker { get; private set; } = null!;

    public TcpProxy BrokerLine { get; private set; } = null!;

    /// <summary>An independent subscriber: straight at the broker.</summary>
    public Listener Listener { get; private set; } = null!;

    public string BrokerLogin => $"{SiteConfiguration.User}:{Secrets.Broker}";

    public SiteConfiguration Configuration { get; private set; } = null!;

    public Service Service { get; private set; } = null!;

    public static async Task<ChaosSite> StartAsync(int seed)
    {
        var site = new ChaosSite();
        try
        {
            await site.StartPartsAsync(seed);
            await site.StartServiceAsync();
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync();
        }

        Directory.Delete(_state, recursive: true);
        if (Directory.Exists(Temporary))
        {
            Directory.Delete(Temporary, recursive: true);
        }
    }

    private async Task StartPartsAsync(int seed)
    {
        var login = $"{SiteConfiguration.User}:{Secrets.Camera}";
        var clip = await RtspCamera.ClipAsync("160x120", Fps);
        var healthy = Own(await RtspCamera.StartAsync([.. Healthy.Select(_ => clip)], login, Fps));
        foreach (var (i, _) in Shaky.Index())
        {
            Cameras.Add(Own(await ShakyCamera.StartAsync(login, Fps, seed + i)));
        }

        Broker = Own(await Mosquitto.StartAsync(remembers: true, BrokerLogin));
        BrokerLine = Own(new TcpProxy(Broker.Port));
        Listener = Own(await Listener.StartAsync(Broker.Port, session: "watcher", login: BrokerLogin));

        string Url(int port, string path) => string.Create(
            CultureInfo.InvariantCulture, $"rtsp://{SiteConfiguration.User}:{Secrets.CameraInAddress}@127.0.0.1:{port}/{path}");
        Configuration = new(Secrets, _state, BrokerLine.Port, new Dictionary<string, string>
        {
            ["healthy0"] = Url(healthy.Port, "cam0"),
            ["healthy1"] = Url(healthy.Port, "cam1"),
            ["shaky0"] = Url(Cameras[0].Line.Port, "cam0"),
            ["shaky1"] = Url(Cameras[1].Line.Port, "cam0"),
            ["shaky2"] = Url(Cameras[2].Line.Port, "cam0"),
            ["stray"] = Url(healthy.Port, $"user=admin_password={Secrets.Query}_channel=1.sdp"), // there is none
        });
    }

    private async Task StartServiceAsync()
    {
        string[] mounted =
        [
            "unshare", "--mount", "sh", "-c",
            string.Create(CultureInfo.InvariantCulture, $"mount -t tmpfs -o size={StateMegabytes}m tmpfs {_state} && exec \"$@\""), "sh",
        ];
        Service = Own(await Service.StartAsync(
            Configuration.Yaml, CanFillDisk ? mounted : [], ("TMPDIR", Temporary), (Mark, Id)));
        if (CanFillDisk)
        {
            _inside = Own(new Child(
                "nsenter", ["--mount", "--target", Service.Child.Id.ToString(CultureInfo.InvariantCulture), "sleep", "infinity"]));
        }
    }

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
    }
}
