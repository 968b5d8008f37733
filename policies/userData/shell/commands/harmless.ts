/**
 * Commands that real user data calls and that change no setting of the agent, unless they name its files. What is neither
 * here nor followed may do anything.
 */
const HARMLESS = `
  : [ test [[ alias bind builtin bg caller compgen complete dirs disown echo enable false fc fg hash help history jobs kill
  let logout popd pushd pwd return suspend times true type ulimit umask unalias wait

  amazon-linux-extras apk apt apt-add-repository apt-cache apt-get apt-key add-apt-repository brew dnf dpkg gem
  npm pip pip2 pip3 rpm rpmkeys snap subscription-manager yum yum-config-manager zypper needs-restarting

  arch awk basename bc blkid blockdev chattr chcon chgrp chmod chown chronyc cksum clear cmp column comm csplit cut
  date dd df diff dig dirname dmesg du dumpe2fs e2fsck e2label egrep envsubst expand expr fallocate fdisk file find findmnt
  fmt fold free fsck fstrim gawk gdisk getconf getent gpg gpg2 growpart gunzip gzip head hexdump host hostname hostnamectl
  iconv id infocmp iostat join jq journalctl last less loadkeys locale localectl localedef logger login losetup lsblk
  lscpu lshw lsmod lsof lspci ls lvcreate lvdisplay lvextend lvresize lvs md5sum mkdir mkfifo mkfs mkfs.ext4 mkfs.xfs
  mknod mkswap modinfo modprobe more mount mountpoint nc ncat netstat nl nohup nproc nslookup ntpd ntpdate nvme od openssl
  parted partprobe partx paste pgrep ping pkill ps pvcreate pvdisplay pvs rev rmdir rmmod rsync seq setenforce getenforce
  sestatus setfacl getfacl setsebool semanage restorecon sha1sum sha256sum sha512sum shuf shutdown sleep sort split ss
  stat strings stty swapoff swapon sync tac tail tar timedatectl top touch tput tr tree tune2fs tty tzselect udevadm
  umount uname unexpand uniq unlink unxz unzip update-alternatives update-ca-certificates update-ca-trust uptime
  users uuidgen vgcreate vgdisplay vgextend vgs vmstat w watch wc which whereis who whoami wipefs xfs_growfs resize2fs xxd xz
  yes yq zcat zip zstd

  adduser useradd usermod userdel groupadd groupmod groupdel gpasswd passwd chpasswd chage visudo loginctl

  initctl restart start stop service chkconfig systemctl systemd-analyze systemd-detect-virt systemd-tmpfiles
  systemd-resolve resolvectl update-rc.d rc-service reboot poweroff halt

  brctl curl ethtool firewall-cmd getcap http ifconfig ifdown ifup ip ip6tables ip6tables-restore ip6tables-save iptables
  iptables-restore iptables-save iptables-legacy nft nmcli route setcap sysctl tc traceroute ufw wget

  containerd ctr docker docker-compose dockerd nerdctl podman nvidia-smi nvidia-ctk

  aws aws_completer cfn-signal cfn-hup ec2-metadata ec2metadata session-manager-plugin eb
  amazon-cloudwatch-agent-ctl amazon-ssm-agent amazon-ecs-volume-plugin collectd cloud-init ecs-cli
  datadog-agent fluent-bit git hg svn newrelic-infra vault consul mount.efs mount.nfs nfsstat rpcinfo showmount
  mailx sendmail crontab at batch atd
`;

export const HARMLESS_COMMANDS: ReadonlySet<string> = new Set(HARMLESS.trim().split(/\s+/));

/** Commands that only read the files they name, or change what isn't in them. */
const READING = `
  head tail less more wc ls stat file chmod chown chgrp chattr chcon restorecon touch mkdir diff cmp md5sum sha1sum
  sha256sum cut uniq tr jq logger strings cksum type which tac nl od xxd hexdump setfacl getfacl du basename dirname expr
  systemctl journalctl envsubst
`;

export const READING_COMMANDS: ReadonlySet<string> = new Set(READING.trim().split(/\s+/));

/** Commands that print nothing where all goes well. */
const SILENT = `
  chmod chown chgrp chattr chcon restorecon touch mkdir sleep wait ulimit umask kill mount umount sync modprobe setfacl
  swapon swapoff systemctl service iptables ip6tables usermod groupadd let
`;

export const SILENT_COMMANDS: ReadonlySet<string> = new Set(SILENT.trim().split(/\s+/));

/** Where the system keeps them. */
export const SYSTEM_FOLDER =
  /^(?:\/(?:usr\/(?:local\/)?)?s?bin|\/opt\/aws\/bin|\/usr\/libexec|\/opt\/aws\/amazon-cloudwatch-agent\/bin)\/([^/]+)$/;

/** Files that the system brings and that set only variables of their own. */
export const SYSTEM_SCRIPT =
  /^(?:\/etc\/(?:os-release|profile(?:\.d\/[\w.-]+)?|environment|bashrc|bash\.bashrc|lsb-release|default\/[\w.-]+|sysconfig\/[\w.-]+)|\/usr\/lib\/os-release|\/root\/\.(?:bashrc|bash_profile|profile)|\/lib\/lsb\/init-functions|\/etc\/init\.d\/functions)$/;
