using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using ActionStream.Ingest.Sources;

namespace ActionStream.Ingest.Onvif;

/// <summary>SOAP 1.2 as text and back. What comes from the network is bounded, and names no files and no entities.</summary>
internal static class SoapMessage
{
    /// <summary>Letters of the largest answer; a recorder of 64 channels lists its profiles in a third of it.</summary>
    public const int Longest = 1 << 20;

    private const int LongestLine = 200;

    /// <summary>Elements within elements. Deeper ones are no answer but an attack on whoever walks through them.</summary>
    private const int Deepest = 100;

    private static readonly XmlReaderSettings Careful = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = Longest,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    public static byte[] Write(IEnumerable<XElement> headers, XElement body) => Encoding.UTF8.GetBytes(
        new XElement(
            OnvifNames.Soap + "Envelope",
            new XElement(OnvifNames.Soap + "Header", headers),
            new XElement(OnvifNames.Soap + "Body", body)).ToString(SaveOptions.DisableFormatting));

    /// <summary>The whole envelope.</summary>
    /// <exception cref="SourceException">It is none.</exception>
    public static XElement Read(byte[] text, string from)
    {
        try
        {
            CheckDepth(text);
            using var reader = XmlReader.Create(new MemoryStream(text), Careful);
            var envelope = XElement.Load(reader);
            return envelope is { Name.LocalName: "Envelope" } && envelope.Below("Body") is not null
                ? envelope
                : throw new SourceException(SourceFault.Broken, $"{from} answers with <{envelope.Name.LocalName}>, which is no SOAP");
        }
        catch (XmlException wrong)
        {
            throw new SourceException(SourceFault.Broken, $"{from} does not answer with SOAP ({wrong.GetType().Name})", wrong);
        }
    }

    /// <summary>What came from outside as one short line of letters that can be seen.</summary>
    public static string Line(string text)
    {
        var line = string.Concat(text.Take(4 * LongestLine).Select(letter => IsSeen(letter) ? letter : ' ')).Trim();
        return line.Length > LongestLine ? $"{line[..LongestLine]}…" : line;
    }

    private static bool IsSeen(char letter) => char.GetUnicodeCategory(letter) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);

    // Before it is a tree.
    private static void CheckDepth(byte[] text)
    {
        using var reader = XmlReader.Create(new MemoryStream(text), Careful);
        while (reader.Read())
        {
            if (reader.Depth > Deepest)
            {
                throw new XmlException($"elements within each other deeper than {Deepest}");
            }
        }
    }
}
