using System.Security;
using System.Xml.Linq;

namespace ActionStream.Support;

/// <summary>What <see cref="OnvifCamera"/> says, as the standard's documents print it.</summary>
internal static class OnvifAnswers
{
    private static readonly XNamespace Media = "http://www.onvif.org/ver10/media/wsdl";
    private static readonly XNamespace Media2 = "http://www.onvif.org/ver20/media/wsdl";

    /// <summary>Null for a request that it does not know.</summary>
    public static string? Of(OnvifCamera camera, XElement request, DateTimeOffset now)
    {
        var home = $"http://{camera.OwnHost}:{camera.Port}/onvif";
        return request.Name.LocalName switch
        {
            "GetSystemDateAndTime" => Envelope($"""
                <tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>
                <tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>
                <tt:Time><tt:Hour>{now.Hour}</tt:Hour><tt:Minute>{now.Minute}</tt:Minute><tt:Second>{now.Second}</tt:Second></tt:Time>
                <tt:Date><tt:Year>{now.Year}</tt:Year><tt:Month>{now.Month}</tt:Month><tt:Day>{now.Day}</tt:Day></tt:Date>
                </tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>
                """),
            "GetDeviceInformation" => Envelope($"""
                <tds:GetDeviceInformationResponse><tds:Manufacturer>ACME</tds:Manufacturer>
                <tds:Model>{SecurityElement.Escape(camera.Model)}</tds:Model>
                <tds:FirmwareVersion>1.0</tds:FirmwareVersion><tds:SerialNumber>1</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId>
                </tds:GetDeviceInformationResponse>
                """),
            "GetServices" when !camera.IsOld => Envelope($"""
                <tds:GetServicesResponse>
                {Service("http://www.onvif.org/ver10/device/wsdl", $"{home}/device_service")}
                {(camera.IsMedia2 ? Service(Media2.NamespaceName, $"{home}/media2") : Service(Media.NamespaceName, $"{home}/media"))}
                {Service("http://www.onvif.org/ver10/events/wsdl", $"{home}/events")}
                </tds:GetServicesResponse>
                """),
            "GetCapabilities" => Envelope($"""
                <tds:GetCapabilitiesResponse><tds:Capabilities>
                <tt:Device><tt:XAddr>{home}/device_service</tt:XAddr></tt:Device>
                <tt:Events><tt:XAddr>{home}/events</tt:XAddr><tt:WSPullPointSupport>true</tt:WSPullPointSupport></tt:Events>
                <tt:Media><tt:XAddr>{home}/media</tt:XAddr></tt:Media>
                </tds:Capabilities></tds:GetCapabilitiesResponse>
                """),
            "GetProfiles" when request.Name.Namespace == Media && !camera.IsMedia2 => Envelope(
                $"<trt:GetProfilesResponse>{string.Concat(camera.Streams.Select(Profile))}</trt:GetProfilesResponse>"),
            "GetProfiles" when request.Name.Namespace == Media2 && camera.IsMedia2 => Envelope(
                $"<tr2:GetProfilesResponse>{string.Concat(camera.Streams.Select(Profile2))}</tr2:GetProfilesResponse>"),
            "GetStreamUri" when request.Name.Namespace == Media && Asked(camera, request) is { } stream
                && request.Descendants("{http://www.onvif.org/ver10/schema}Stream").FirstOrDefault()?.Value == "RTP-Unicast"
                && request.Descendants("{http://www.onvif.org/ver10/schema}Protocol").FirstOrDefault()?.Value == "RTSP" => Envelope($"""
                <trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{SecurityElement.Escape(stream.Uri)}</tt:Uri>
                <tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>
                <tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>
                """),
            "GetStreamUri" when request.Name.Namespace == Media2 && Asked(camera, request) is { } stream => Envelope(
                $"<tr2:GetStreamUriResponse><tr2:Uri>{SecurityElement.Escape(stream.Uri)}</tr2:Uri></tr2:GetStreamUriResponse>"),
            _ => null,
        };
    }

    public static string Fault(string code, string subcode, string reason) => Envelope($"""
        <env:Fault><env:Code><env:Value>{code}</env:Value><env:Subcode><env:Value>{subcode}</env:Value></env:Subcode></env:Code>
        <env:Reason><env:Text xml:lang="en">{reason}</env:Text></env:Reason></env:Fault>
        """);

    public static string Subscribed(string address, string id) => Envelope($"""
        <tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa:Address>{address}</wsa:Address>
        <wsa:ReferenceParameters><m:SubscriptionId xmlns:m="urn:maker">{id}</m:SubscriptionId></wsa:ReferenceParameters>
        </tev:SubscriptionReference><wsnt:CurrentTime>2026-01-01T00:00:00Z</wsnt:CurrentTime>
        <wsnt:TerminationTime>2026-01-01T00:01:00Z</wsnt:TerminationTime></tev:CreatePullPointSubscriptionResponse>
        """);

    public static string Pulled(IReadOnlyList<string> messages) => Envelope($"""
        <tev:PullMessagesResponse><tev:CurrentTime>2026-01-01T00:00:00Z</tev:CurrentTime>
        <tev:TerminationTime>2026-01-01T00:01:00Z</tev:TerminationTime>{string.Concat(messages)}</tev:PullMessagesResponse>
        """);

    public static string Done(string name) => Envelope($"<wsnt:{name}Response/>");

    public static string Motion(string topic, string item, bool isOn, string rule) => $"""
        <wsnt:NotificationMessage xmlns:tns1="http://www.onvif.org/ver10/topics">
        <wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">{topic}</wsnt:Topic>
        <wsnt:Message><tt:Message UtcTime="2026-01-01T00:00:00Z" PropertyOperation="Changed">
        <tt:Source><tt:SimpleItem Name="VideoSourceConfigurationToken" Value="0"/><tt:SimpleItem Name="Rule" Value="{rule}"/></tt:Source>
        <tt:Data><tt:SimpleItem Name="{item}" Value="{(isOn ? "true" : "false")}"/></tt:Data>
        </tt:Message></wsnt:Message></wsnt:NotificationMessage>
        """;

    /// <summary>An envelope with the prefixes that the parts above use.</summary>
    public static string Envelope(string body) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"
        xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl"
        xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"
        xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:wsa="http://www.w3.org/2005/08/addressing"
        xmlns:ter="http://www.onvif.org/ver10/error"><env:Body>{body}</env:Body></env:Envelope>
        """;

    private static OfferedStream? Asked(OnvifCamera camera, XElement request) => camera.Streams.FirstOrDefault(stream =>
        stream.Token == request.Elements().FirstOrDefault(element => element.Name.LocalName == "ProfileToken")?.Value);

    private static string Service(string name, string address) => $"""
        <tds:Service><tds:Namespace>{name}</tds:Namespace><tds:XAddr>{address}</tds:XAddr>
        <tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>
        """;

    private static string Profile(OfferedStream stream) => $"""
        <trt:Profiles token="{stream.Token}" fixed="true"><tt:Name>{stream.Token}</tt:Name>
        <tt:VideoSourceConfiguration token="v"><tt:Name>v</tt:Name><tt:UseCount>2</tt:UseCount>
        <tt:SourceToken>{stream.Source}</tt:SourceToken><tt:Bounds x="0" y="0" width="1280" height="720"/></tt:VideoSourceConfiguration>
        <tt:VideoEncoderConfiguration token="e"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{stream.Encoding}</tt:Encoding>
        <tt:Resolution><tt:Width>{stream.Width}</tt:Width><tt:Height>{stream.Height}</tt:Height></tt:Resolution><tt:Quality>4</tt:Quality>
        <tt:RateControl><tt:FrameRateLimit>{stream.Fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>
        <tt:BitrateLimit>{stream.Kilobits}</tt:BitrateLimit></tt:RateControl>
        <tt:H264><tt:GovLength>25</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264></tt:VideoEncoderConfiguration></trt:Profiles>
        """;

    private static string Profile2(OfferedStream stream) => $"""
        <tr2:Profiles token="{stream.Token}" fixed="true"><tr2:Name>{stream.Token}</tr2:Name><tr2:Configurations>
        <tr2:VideoSource token="v"><tt:Name>v</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>{stream.Source}</tt:SourceToken>
        <tt:Bounds x="0" y="0" width="1280" height="720"/></tr2:VideoSource>
        <tr2:VideoEncoder token="e" GovLength="25" Profile="Main"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount>
        <tt:Encoding>{stream.Encoding}</tt:Encoding><tt:Resolution><tt:Width>{stream.Width}</tt:Width>
        <tt:Height>{stream.Height}</tt:Height></tt:Resolution><tt:RateControl ConstantBitRate="false">
        <tt:FrameRateLimit>{stream.Fps}.0</tt:FrameRateLimit><tt:BitrateLimit>{stream.Kilobits}</tt:BitrateLimit></tt:RateControl>
        <tt:Quality>4</tt:Quality></tr2:VideoEncoder></tr2:Configurations></tr2:Profiles>
        """;
}
