using System.Xml.Linq;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Onvif;

/// <summary>A subscription to a camera's events that it keeps for us until we ask: through firewalls, and without a port of our
/// own.</summary>
internal sealed class PullPoint
{
    /// <summary>How long the camera keeps it after the last word from us.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>How long the camera holds a question that it has no answer to yet.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromSeconds(10);

    private const string EventsAction = "http://www.onvif.org/ver10/events/wsdl/";
    private const string NotificationAction = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/";
    private const string Dialect = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet";
    private const int MessageLimit = 64;

    private readonly SoapClient _soap;
    private readonly Uri _address;
    private readonly IReadOnlyList<XElement> _parameters;

    private PullPoint(SoapClient soap, Uri address, IReadOnlyList<XElement> parameters) =>
        (_soap, _address, _parameters) = (soap, address, parameters);

    /// <summary>With a filter for motion; without one at a camera that knows none of these topics or no filters.</summary>
    public static async Task<PullPoint> CreateAsync(OnvifDevice device, CancellationToken cancel)
    {
        var events = device.Events
            ?? throw new SourceException(SourceFault.NotFound, $"{device.Address.Host} offers no events over ONVIF");
        var answer = await CreateAsync(device, events, cancel);
        var reference = answer.Below("SubscriptionReference");
        var address = OnvifDevice.Here(reference?.TextBelow("Address"), device.Address, Uri.UriSchemeHttp, Uri.UriSchemeHttps)
            ?? throw new SourceException(SourceFault.Broken, $"{device.Address.Host} does not say where its events are to be fetched");
        return new(device.Soap, address, [.. (reference!.Below("ReferenceParameters")?.Elements() ?? []).Take(16)]);
    }

    /// <summary>What has happened since the last time, oldest first; waits for the first of it, but not long.</summary>
    public async Task<IReadOnlyList<XElement>> PullAsync(CancellationToken cancel)
    {
        var answer = await AskAsync(
            EventsAction + "PullPointSubscription/PullMessagesRequest",
            new(
                OnvifNames.Events + "PullMessages", new XElement(OnvifNames.Events + "Timeout", Seconds(Hold)),
                new XElement(OnvifNames.Events + "MessageLimit", MessageLimit)),
            cancel, Hold + SoapClient.Patience);
        return [.. answer.AllBelow("NotificationMessage")];
    }

    public Task RenewAsync(CancellationToken cancel) => AskAsync(
        NotificationAction + "RenewRequest",
        new(OnvifNames.Notification + "Renew", new XElement(OnvifNames.Notification + "TerminationTime", Seconds(Lifetime))), cancel);

    public Task UnsubscribeAsync(CancellationToken cancel) => AskAsync(
        NotificationAction + "UnsubscribeRequest", new(OnvifNames.Notification + "Unsubscribe"), cancel);

    private static async Task<XElement> CreateAsync(OnvifDevice device, Uri events, CancellationToken cancel)
    {
        try
        {
            return await AskAsync(isFiltered: true);
        }
        catch (SourceException unfiltered) when (unfiltered.Fault == SourceFault.Broken)
        {
            return await AskAsync(isFiltered: false);
        }

        Task<XElement> AskAsync(bool isFiltered) => device.Soap.AskAsync(
            events, EventsAction + "EventPortType/CreatePullPointSubscriptionRequest",
            new(
                OnvifNames.Events + "CreatePullPointSubscription", isFiltered ? Filter() : null,
                new XElement(OnvifNames.Events + "InitialTerminationTime", Seconds(Lifetime))),
            cancel, headers: Headers(events, EventsAction + "EventPortType/CreatePullPointSubscriptionRequest", []));
    }

    private static XElement Filter() => new(
        OnvifNames.Events + "Filter",
        new XElement(
            OnvifNames.Notification + "TopicExpression", new XAttribute("Dialect", Dialect),
            new XAttribute(XNamespace.Xmlns + "tns1", OnvifNames.Topics.NamespaceName),
            string.Join('|', MotionState.Topics.Select(topic => $"tns1:{topic}"))));

    private Task<XElement> AskAsync(string action, XElement request, CancellationToken cancel, TimeSpan? patience = null) => _soap.AskAsync(
        _address, action, request, cancel, headers: Headers(_address, action, _parameters), patience: patience);

    // What the camera gave us to name the subscription goes back as it came.
    private static XElement[] Headers(Uri to, string action, IReadOnlyList<XElement> parameters) =>
    [
        new(OnvifNames.Addressing + "Action", action),
        new(OnvifNames.Addressing + "MessageID", $"urn:uuid:{Guid.NewGuid()}"),
        new(
            OnvifNames.Addressing + "ReplyTo",
            new XElement(OnvifNames.Addressing + "Address", "http://www.w3.org/2005/08/addressing/anonymous")),
        new(OnvifNames.Addressing + "To", to.AbsoluteUri),
        .. parameters.Select(parameter => new XElement(parameter)),
    ];

    private static string Seconds(TimeSpan time) => $"PT{(int)time.TotalSeconds}S";
}
