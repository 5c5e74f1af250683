using System.Globalization;
using System.Xml.Linq;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Onvif;

/// <summary>A camera that answers ONVIF: what it is, and what streams it offers.</summary>
/// <remarks>Whatever addresses it names, only the host that was asked is asked on, and written down: a camera behind a router does
/// not know its own address, and none may send a password elsewhere.</remarks>
public sealed class OnvifDevice : IDisposable
{
    private const string DeviceAction = "http://www.onvif.org/ver10/device/wsdl/";
    private const string MediaAction = "http://www.onvif.org/ver10/media/wsdl/";
    private const string Media2Action = "http://www.onvif.org/ver20/media/wsdl/";

    private readonly Dictionary<string, Uri> _services;

    private OnvifDevice(Uri address, SoapClient soap, Dictionary<string, Uri> services) =>
        (Address, Soap, _services) = (address, soap, services);

    /// <summary>Where it answers; without login.</summary>
    public Uri Address { get; }

    internal SoapClient Soap { get; }

    /// <summary>Where it tells of events; null if it does not.</summary>
    public Uri? Events => _services.GetValueOrDefault(OnvifNames.Events.NamespaceName);

    /// <summary>The first of the places that answers, with its services.</summary>
    /// <exception cref="SourceException">None answers, or it does not let us in.</exception>
    public static async Task<OnvifDevice> OpenAsync(
        OnvifAddress address, TimeProvider time, CancellationToken cancel, TimeSpan? patience = null)
    {
        var soap = new SoapClient(address.Login, time);
        try
        {
            var place = await FindAsync(address, soap, time, patience ?? SoapClient.Patience, cancel);
            return new(place, soap, await ServicesAsync(place, soap, cancel));
        }
        catch
        {
            soap.Dispose();
            throw;
        }
    }

    /// <summary>Maker and model, as it calls itself.</summary>
    public async Task<(string? Maker, string? Model)> NameAsync(CancellationToken cancel)
    {
        var answer = await Soap.AskAsync(
            Address, DeviceAction + "GetDeviceInformation", new(OnvifNames.Device + "GetDeviceInformation"), cancel);
        return (Line(answer.TextBelow("Manufacturer")), Line(answer.TextBelow("Model")));
    }

    /// <summary>Its streams, in its own order. Of two media services the older one is asked first: what it lists, every camera
    /// serves.</summary>
    public async Task<IReadOnlyList<OnvifProfile>> ProfilesAsync(CancellationToken cancel)
    {
        var media = _services.GetValueOrDefault(OnvifNames.Media.NamespaceName);
        var media2 = _services.GetValueOrDefault(OnvifNames.Media2.NamespaceName);
        var (profiles, isSecond) = (media is null ? [] : await ListAsync(media, isSecond: false, cancel), false);
        if (profiles.Count == 0 && media2 is not null)
        {
            (profiles, isSecond) = (await ListAsync(media2, isSecond: true, cancel), true);
        }

        var found = new List<OnvifProfile>();
        foreach (var profile in profiles)
        {
            if (await StreamAsync((isSecond ? media2 : media)!, isSecond, profile.Token, cancel) is { } stream)
            {
                found.Add(profile with { Address = stream });
            }
        }

        return found;
    }

    public void Dispose() => Soap.Dispose();

    /// <summary>An address that the camera named, at the host that was asked; null for what is no address of this kind.</summary>
    /// <param name="asked">Where the camera was asked.</param>
    internal static Uri? Here(string? named, Uri asked, params ReadOnlySpan<string> schemes)
    {
        if (!Uri.TryCreate(named?.Trim(), UriKind.Absolute, out var address) || !schemes.Contains(address.Scheme))
        {
            return null;
        }

        // Behind a router the port is another, too, but only that of the services is known.
        var isSame = address.Host.Equals(asked.Host, StringComparison.OrdinalIgnoreCase);
        var port = isSame || address.Scheme.StartsWith("rtsp", StringComparison.Ordinal) ? address.Port : asked.Port;
        var scheme = isSame || !address.Scheme.StartsWith("http", StringComparison.Ordinal) ? address.Scheme : asked.Scheme;
        return new UriBuilder(scheme, asked.Host, port, address.AbsolutePath, address.Query).Uri;
    }

    private static async Task<Uri> FindAsync(
        OnvifAddress address, SoapClient soap, TimeProvider time, TimeSpan patience, CancellationToken cancel)
    {
        var asked = address.Places.Select(place => (Place: place, Answer: ClockAsync(place, soap, time, patience, cancel))).ToArray();
        try
        {
            await Task.WhenAll(asked.Select(one => one.Answer));
        }
        catch (SourceException)
        {
            // One that answers is enough.
        }

        foreach (var (place, answer) in asked.Where(one => one.Answer.IsCompletedSuccessfully))
        {
            soap.ClockOffset = await answer;
            return place;
        }

        cancel.ThrowIfCancellationRequested();
        var reasons = asked.Select(one => one.Answer.Exception?.InnerException).OfType<SourceException>().ToArray();
        throw reasons is [var only] ? only : new SourceException(
            reasons.MinBy(reason => reason.Fault == SourceFault.Broken ? 0 : 1)?.Fault ?? SourceFault.Timeout,
            $"{address.Safe} does not answer ONVIF at {string.Join(", ", address.Places.Select(place => place.Port))}: "
            + string.Join("; ", reasons.Select(reason => reason.Fault.Label).Distinct()));
    }

    // Strangers may ask for the time. One that refuses even that is there, and its clock taken for right.
    private static async Task<TimeSpan> ClockAsync(
        Uri place, SoapClient soap, TimeProvider time, TimeSpan patience, CancellationToken cancel)
    {
        try
        {
            var answer = await soap.AskAsync(
                place, DeviceAction + "GetSystemDateAndTime", new(OnvifNames.Device + "GetSystemDateAndTime"), cancel, isOpen: true,
                patience: patience);
            return ReadClock(answer) is { } clock ? clock - time.GetUtcNow() : TimeSpan.Zero;
        }
        catch (SourceException refused) when (refused.Fault == SourceFault.Unauthorized)
        {
            return TimeSpan.Zero;
        }
    }

    /// <summary>Null where the camera does not say.</summary>
    internal static DateTimeOffset? ReadClock(XElement answer)
    {
        var utc = answer.Below("SystemDateAndTime", "UTCDateTime");
        int? Number(string group, string name) =>
            int.TryParse(utc?.TextBelow(group, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if ((Number("Date", "Year"), Number("Date", "Month"), Number("Date", "Day")) is not ({ } year, { } month, { } day)
            || (Number("Time", "Hour"), Number("Time", "Minute"), Number("Time", "Second")) is not ({ } hour, { } minute, { } second))
        {
            return null;
        }

        try
        {
            return new DateTimeOffset(year, month, day, hour, minute, Math.Min(second, 59), TimeSpan.Zero);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static async Task<Dictionary<string, Uri>> ServicesAsync(Uri place, SoapClient soap, CancellationToken cancel)
    {
        try
        {
            var answer = await soap.AskAsync(
                place, DeviceAction + "GetServices",
                new(OnvifNames.Device + "GetServices", new XElement(OnvifNames.Device + "IncludeCapability", "false")), cancel);
            return Gathered(
                answer.AllBelow("Service").Select(service => (service.TextBelow("Namespace"), service.TextBelow("XAddr"))), place);
        }
        catch (SourceException older) when (older.Fault == SourceFault.Broken)
        {
            var answer = await soap.AskAsync(
                place, DeviceAction + "GetCapabilities",
                new(OnvifNames.Device + "GetCapabilities", new XElement(OnvifNames.Device + "Category", "All")), cancel);
            return Gathered(
                [(OnvifNames.Media.NamespaceName, answer.TextBelow("Capabilities", "Media", "XAddr")),
                    (OnvifNames.Events.NamespaceName, answer.TextBelow("Capabilities", "Events", "XAddr"))],
                place);
        }
    }

    private static Dictionary<string, Uri> Gathered(IEnumerable<(string? Name, string? Address)> services, Uri place)
    {
        var all = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var (name, address) in services)
        {
            if (name is not null && Here(address, place, Uri.UriSchemeHttp, Uri.UriSchemeHttps) is { } here)
            {
                all.TryAdd(name, here);
            }
        }

        return all;
    }

    private async Task<IReadOnlyList<OnvifProfile>> ListAsync(Uri media, bool isSecond, CancellationToken cancel) =>
        OnvifProfiles.Read(isSecond
            ? await Soap.AskAsync(
                media, Media2Action + "GetProfiles",
                new(
                    OnvifNames.Media2 + "GetProfiles",
                    new XElement(OnvifNames.Media2 + "Type", "VideoSource"), new XElement(OnvifNames.Media2 + "Type", "VideoEncoder")),
                cancel)
            : await Soap.AskAsync(media, MediaAction + "GetProfiles", new(OnvifNames.Media + "GetProfiles"), cancel));

    // Null for a profile that the camera lists and does not serve.
    private async Task<string?> StreamAsync(Uri media, bool isSecond, string token, CancellationToken cancel)
    {
        try
        {
            var answer = isSecond
                ? await Soap.AskAsync(
                    media, Media2Action + "GetStreamUri",
                    new(
                        OnvifNames.Media2 + "GetStreamUri", new XElement(OnvifNames.Media2 + "Protocol", "RTSP"),
                        new XElement(OnvifNames.Media2 + "ProfileToken", token)),
                    cancel)
                : await Soap.AskAsync(
                    media, MediaAction + "GetStreamUri",
                    new(
                        OnvifNames.Media + "GetStreamUri",
                        new XElement(
                            OnvifNames.Media + "StreamSetup",
                            new XElement(OnvifNames.Schema + "Stream", "RTP-Unicast"),
                            new XElement(
                                OnvifNames.Schema + "Transport", new XElement(OnvifNames.Schema + "Protocol", "RTSP"))),
                        new XElement(OnvifNames.Media + "ProfileToken", token)),
                    cancel);
            return Here(answer.TextBelow("MediaUri", "Uri") ?? answer.TextBelow("Uri"), Address, "rtsp", "rtsps")?.AbsoluteUri;
        }
        catch (SourceException broken) when (broken.Fault == SourceFault.Broken)
        {
            return null;
        }
    }

    private static string? Line(string? text) => text is null ? null : SoapMessage.Line(text);
}
