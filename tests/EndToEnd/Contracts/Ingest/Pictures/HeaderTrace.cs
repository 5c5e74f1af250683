using System.Globalization;
using System.Text.RegularExpressions;
using ActionStream.Ingest.Packets.Pictures;

namespace ActionStream.EndToEnd.Contracts.Ingest.Pictures;

/// <summary>A packet as ffmpeg's filter tells of it; without a quantiser it could not read the slice to there.</summary>
internal sealed record TracedPacket(int Length, PictureType Type, int? Quantiser, bool IsClean);

/// <summary>What ffmpeg's filter `trace_headers` says of every packet: its parsers of H.264 and H.265 have nothing in common with
/// ours.</summary>
internal static partial class HeaderTrace
{
    public static List<TracedPacket> OfH264(string log) =>
        Of(log, (slices, sets) =>
        {
            var first = slices[0];
            var types = slices.Select(slice => (slice["slice_type"] % 5) switch
            {
                0 => PictureType.Predicted,
                1 => PictureType.Bidirectional,
                _ => PictureType.Intra,
            }).ToList();
            return (
                types,
                26 + sets[first["pic_parameter_set_id"]]["pic_init_qp_minus26"] + first["slice_qp_delta"],
                first["nal_unit_type"] == 5);
        }, "pic_parameter_set_id", "pic_init_qp_minus26");

    public static List<TracedPacket> OfH265(string log) =>
        Of(log, (slices, sets) =>
        {
            var first = slices[0];
            var types = slices.Where(slice => slice.ContainsKey("slice_type")).Select(slice => slice["slice_type"] switch
            {
                0 => PictureType.Bidirectional,
                1 => PictureType.Predicted,
                _ => PictureType.Intra,
            }).ToList();
            return (
                types,
                26 + sets[first["slice_pic_parameter_set_id"]]["init_qp_minus26"] + first["slice_qp_delta"],
                first["nal_unit_type"] is >= 16 and <= 21);
        }, "pps_pic_parameter_set_id", "init_qp_minus26");

    /// <summary>One unit after the other, each as its fields; a packet is what its slices and the parameter sets so far say.</summary>
    private static List<TracedPacket> Of(
        string log,
        Func<List<Dictionary<string, int>>, Dictionary<int, Dictionary<string, int>>, (List<PictureType>, int, bool)> judge,
        string setNumber,
        string setQuantiser)
    {
        var packets = new List<TracedPacket>();
        var sets = new Dictionary<int, Dictionary<string, int>>();
        var slices = new List<Dictionary<string, int>>();
        var length = 0;
        var unit = new Dictionary<string, int>();
        foreach (Match line in Line().Matches(log))
        {
            if (line.Groups["bytes"].Success)
            {
                EndPacket();
                length = int.Parse(line.Groups["bytes"].Value, CultureInfo.InvariantCulture);
                continue;
            }

            var name = line.Groups["name"].Value;
            if (name == "forbidden_zero_bit")
            {
                EndUnit();
            }

            if (int.TryParse(line.Groups["value"].Value, CultureInfo.InvariantCulture, out var value))
            {
                unit.TryAdd(name, value);
            }
        }

        EndPacket();
        return packets;

        void EndUnit()
        {
            if (unit.ContainsKey("slice_type") || unit.ContainsKey("dependent_slice_segment_flag"))
            {
                slices.Add(unit);
            }
            else if (unit.ContainsKey(setQuantiser))
            {
                sets[unit[setNumber]] = unit;
            }

            unit = [];
        }

        void EndPacket()
        {
            EndUnit();
            if (length > 0)
            {
                // Of a damaged slice there may be no more than its first fields.
                if (slices.Count == 0 || !slices[0].ContainsKey("slice_qp_delta"))
                {
                    packets.Add(new(length, default, null, false));
                    slices.Clear();
                    length = 0;
                    return;
                }

                var (types, quantiser, isClean) = judge(slices, sets);
                var isMixed = types[0] == PictureType.Intra && types.Any(other => other != PictureType.Intra);
                var type = isMixed ? PictureType.Predicted : types[0];
                packets.Add(new(length, type, quantiser, isClean));
            }

            slices.Clear();
            length = 0;
        }
    }

    [GeneratedRegex(@"\[trace_headers[^\]]*\] (?:Packet: (?<bytes>\d+) bytes|\d+ +(?<name>[a-z0-9_]+)\S* +[01]* = (?<value>-?\d+))")]
    private static partial Regex Line();
}
