using System.Xml.Linq;

namespace ActionStream.Ingest.Onvif;

/// <summary>The standard's namespaces, under the prefixes that its documents use.</summary>
internal static class OnvifNames
{
    public static readonly XNamespace Soap = "http://www.w3.org/2003/05/soap-envelope";
    public static readonly XNamespace Device = "http://www.onvif.org/ver10/device/wsdl";
    public static readonly XNamespace Media = "http://www.onvif.org/ver10/media/wsdl";
    public static readonly XNamespace Media2 = "http://www.onvif.org/ver20/media/wsdl";
    public static readonly XNamespace Events = "http://www.onvif.org/ver10/events/wsdl";
    public static readonly XNamespace Schema = "http://www.onvif.org/ver10/schema";
    public static readonly XNamespace Topics = "http://www.onvif.org/ver10/topics";
    public static readonly XNamespace Network = "http://www.onvif.org/ver10/network/wsdl";
    public static readonly XNamespace Notification = "http://docs.oasis-open.org/wsn/b-2";
    public static readonly XNamespace Addressing = "http://www.w3.org/2005/08/addressing";
    public static readonly XNamespace Security =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

    public static readonly XNamespace Utility =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

    public static readonly XNamespace Discovery = "http://schemas.xmlsoap.org/ws/2005/04/discovery";

    /// <summary>The older addressing, which discovery speaks.</summary>
    public static readonly XNamespace FormerAddressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing";

    extension(XElement element)
    {
        /// <summary>The first of the children that has this name, whatever namespace its maker took; then its child, and so on.</summary>
        public XElement? Below(params ReadOnlySpan<string> names)
        {
            var at = element;
            foreach (var name in names)
            {
                at = at?.Elements().FirstOrDefault(child => child.Name.LocalName == name);
            }

            return at;
        }

        public IEnumerable<XElement> AllBelow(string name) => element.Elements().Where(child => child.Name.LocalName == name);

        public string? TextBelow(params ReadOnlySpan<string> names) =>
            element.Below(names)?.Value.Trim() is { Length: > 0 } text ? text : null;
    }
}
